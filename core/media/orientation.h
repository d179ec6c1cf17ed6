// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/image.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace tw {

/// How a camera was held: 1 to 8 as EXIF counts them (EXIF 2.32, 4.6.4, tag 0x0112), from an APP1
/// segment that begins with "Exif". 1, upright, where it does not say so or cannot be read.
int orientationOf(std::span<const std::uint8_t> segment);

/// The picture as it was seen. Takes the memory of both while it works.
Image upright(const Image& image, int orientation);

} // namespace tw
