// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tw {

/// A picture: red, green and blue of each pixel, 8 bits each, row by row from the top.
struct Image
{
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::vector<std::uint8_t> pixels; ///< height * width * 3

    bool operator==(const Image&) const = default;
};

constexpr std::int64_t kColours = 3;

/// Reads PNG, JPEG, WebP and PPM or PGM, told apart by their first bytes. Greys and palettes become
/// red, green and blue, transparency is left out, of 16 bits the upper 8 stay: as Pillow's
/// convert("RGB") does it; a JPEG that says how the camera was held is set upright, as Transformers
/// and datasets do it. Throws Error for other files, for damaged ones, and for pictures that
/// would take more memory than 64 MiB and twice their file.
Image readImage(const std::filesystem::path& path);
/// True where the name ends as those of pictures do.
bool isImageName(const std::filesystem::path& path);

} // namespace tw
