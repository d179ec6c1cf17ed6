// SPDX-License-Identifier: Apache-2.0
// NumPy's header of one array, alone and in an archive of which only the start is at hand.
#include "core/base/error.h"
#include "core/tensorfile/npy.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const auto file = std::as_bytes(std::span(data, size));
    for (const std::uint64_t behind : {0U, 1U << 20U}) {
        try {
            const tw::NpyHeader header = tw::readNpyHeader(file, size + behind, "input");
            if (header.begin > size || header.bytes != size + behind - header.begin)
                std::abort();
        } catch (const tw::Error&) { // refused, as it should be
        }
    }
    return 0;
}
