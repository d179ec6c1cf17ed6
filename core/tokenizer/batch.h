// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/tokenizer.h"

namespace tw {

/// Encodes many texts with all threads that OpenMP has (OMP_NUM_THREADS); in their order. Throws
/// the Error of the first text that has one.
std::vector<Encoding>
encodeAll(const Tokenizer& tokenizer, const std::vector<std::string>& texts, bool addSpecial);

} // namespace tw
