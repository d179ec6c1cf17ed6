// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/image.h"

#include <cstddef>
#include <span>
#include <string>

namespace tw {

/// A picture's file as its decoder gets it.
struct EncodedImage
{
    std::span<const std::byte> bytes;
    std::string where; ///< stands in every Error

    const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
};

// Each throws Error for what it cannot read.
Image decodePng(const EncodedImage& from);
Image decodeJpeg(const EncodedImage& from);
Image decodeWebp(const EncodedImage& from);
Image decodePpm(const EncodedImage& from);

/// Black, of this size. Throws Error where that would take too much memory for such a file.
Image imageOf(const EncodedImage& from, std::int64_t width, std::int64_t height);
/// Throws Error where a decoder may not take so many bytes for this file.
void checkMemory(const EncodedImage& from, std::uint64_t bytes);
[[noreturn]] void refuseDamaged(const EncodedImage& from, const std::string& why);

} // namespace tw
