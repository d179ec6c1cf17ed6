// SPDX-License-Identifier: Apache-2.0
// Sounds: whatever the bytes are, they are decoded or refused with an Error.
#include "core/base/error.h"
#include "core/media/sound.h"
#include "tests/fuzz/memory_file.h"

#include <cmath>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    try {
        const tw::Sound sound = tw::readSound(MemoryFile(data, size).path());
        if (sound.rate < 1 || sound.samples.empty())
            std::abort();
        for (const float sample : sound.samples)
            if (!std::isfinite(sample))
                std::abort();
    } catch (const tw::Error&) { // refused, as it should be
    }
    return 0;
}
