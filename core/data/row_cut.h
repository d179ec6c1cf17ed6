// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/layout.h"

namespace tw {

/// Tokens that are only read; what the tokenizer added is the template's.
TokenizedRow readRow(const Encoding& encoding);

/// Cuts a row at its end, with all that belongs to its tokens.
void cutAtEnd(TokenizedRow& row, std::int64_t maxLength);

/// Cuts the text of a row, or the longer of its two (as the Tokenizers library does under
/// "longest_first"), so that the tokens around them stay.
void cutInside(TokenizedRow& row, std::int64_t maxLength);

} // namespace tw
