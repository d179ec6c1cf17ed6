// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

// Tokens that objectives put into batches.

/// The tokenizer of the moment. Throws Error where there is none.
const Tokenizer& tokenizerOf(const BatchMoment& moment);

/// The token that stands where one is hidden: the one that is named, or where the name is empty
/// [MASK] or <mask>; nothing where the tokenizer has neither. Throws Error for a name that it does
/// not know.
std::optional<std::int64_t> maskIdOf(const Tokenizer& tokenizer, const std::string& name);

/// How many ids both the tokenizer and the model know: what random tokens are drawn from.
std::int64_t sharedIds(const Tokenizer& tokenizer, const Model& model);

/// The ids that stand for a text: one where the vocabulary has a token for all of it.
std::vector<std::int64_t> idsOf(const Tokenizer& tokenizer, const std::string& text);

} // namespace tw
