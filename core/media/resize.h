// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/image.h"

namespace tw {

/// Numbered as Pillow does it, and preprocessor_config.json after it.
enum class Resampling
{
    Nearest = 0,
    Lanczos = 1,
    Bilinear = 2,
    Bicubic = 3,
    Box = 4,
    Hamming = 5
};

/// The image at another size, byte for byte as Pillow's Image.resize() makes it: the filter is
/// widened where the image shrinks, and computes in fixed point. width, height: at least 1. Throws
/// Error where the result, or what lies between its two passes, would have more than 2^24 pixels.
Image resized(const Image& image, std::int64_t width, std::int64_t height, Resampling filter);

} // namespace tw
