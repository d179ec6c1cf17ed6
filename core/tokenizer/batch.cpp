// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/batch.h"

#include <cstddef>
#include <exception>

namespace tw {

std::vector<Encoding>
encodeAll(const Tokenizer& tokenizer, const std::vector<std::string>& texts, bool addSpecial)
{
    std::vector<Encoding> encodings(texts.size());
    std::vector<std::exception_ptr> failures(texts.size()); // none may leave a parallel loop
    const auto count = static_cast<std::ptrdiff_t>(texts.size());
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 16)
#endif
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        try {
            encodings[index] = tokenizer.encode(texts[index], addSpecial);
        } catch (...) {
            failures[index] = std::current_exception();
        }
    }
    for (const std::exception_ptr& failure : failures)
        if (failure)
            std::rethrow_exception(failure);
    return encodings;
}

} // namespace tw
