// SPDX-License-Identifier: Apache-2.0
// Pictures: whatever the bytes are, they are decoded whole or refused with an Error.
#include "core/base/error.h"
#include "core/media/image.h"
#include "tests/fuzz/memory_file.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    try {
        const tw::Image image = tw::readImage(MemoryFile(data, size).path());
        if (image.width < 1 || image.height < 1
            || image.pixels.size()
                != static_cast<std::size_t>(image.width * image.height * tw::kColours))
            std::abort();
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
