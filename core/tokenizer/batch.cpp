// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/batch.h"

#include <cstddef>
#include <exception>

namespace tw {

void inParallel(std::size_t count, const std::function<void(std::size_t)>& work)
{
    std::vector<std::exception_ptr> failures(count); // none may leave a parallel loop
    const auto last = static_cast<std::ptrdiff_t>(count);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 16)
#endif
    for (std::ptrdiff_t i = 0; i < last; ++i) {
        const auto index = static_cast<std::size_t>(i);
        try {
            work(index);
        } catch (...) {
            failures[index] = std::current_exception();
        }
    }
    for (const std::exception_ptr& failure : failures)
        if (failure)
            std::rethrow_exception(failure);
}

std::vector<Encoding>
encodeAll(const Tokenizer& tokenizer, const std::vector<std::string>& texts, bool addSpecial)
{
    std::vector<Encoding> encodings(texts.size());
    inParallel(texts.size(),
               [&](std::size_t i) { encodings[i] = tokenizer.encode(texts[i], addSpecial); });
    return encodings;
}

} // namespace tw
