// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/tokenizer.h"

#include <functional>

namespace tw {

/// Calls work(i) for i from 0 to count - 1 with all threads that OpenMP has (OMP_NUM_THREADS).
/// Throws what the first of them threw, after all have been called.
void inParallel(std::size_t count, const std::function<void(std::size_t)>& work);

/// Encodes many texts with all threads, as inParallel(); in their order. Throws the Error of the
/// first text that has one.
std::vector<Encoding>
encodeAll(const Tokenizer& tokenizer, const std::vector<std::string>& texts, bool addSpecial);

} // namespace tw
