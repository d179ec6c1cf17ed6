// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/media/image_formats.h"

#include <webp/decode.h>

namespace tw {

Image decodeWebp(const EncodedImage& from)
{
    WebPBitstreamFeatures features {};
    if (WebPGetFeatures(from.data(), from.bytes.size(), &features) != VP8_STATUS_OK)
        refuseDamaged(from, "its header cannot be read as WebP");
    if (features.has_animation != 0)
        throw Error(from.where + ": the picture moves.", "Save one of its frames as a picture.");
    Image image = imageOf(from, features.width, features.height);
    // libwebp keeps colour and transparency of the whole picture beside what it hands out.
    checkMemory(from, static_cast<std::uint64_t>(image.width * image.height) * 4);
    if (WebPDecodeRGBInto(from.data(), from.bytes.size(), image.pixels.data(), image.pixels.size(),
                          static_cast<int>(image.width * kColours))
        == nullptr)
        refuseDamaged(from, "its data are incomplete");
    return image;
}

} // namespace tw
