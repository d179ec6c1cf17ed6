// SPDX-License-Identifier: Apache-2.0
#include "core/media/image.h"

#include "core/base/error.h"
#include "core/base/mapped_file.h"
#include "core/base/text.h"
#include "core/media/image_formats.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tw {
namespace {

constexpr std::uint64_t kFreeBytes = 64U << 20U;
constexpr std::int64_t kMostSide = 1 << 16; // JPEG's and WebP's own limits lie below

struct Format
{
    std::string_view start;
    Image (*decode)(const EncodedImage&);
};

constexpr std::array<Format, 5> kFormats {{{"\x89PNG\r\n\x1a\n", decodePng},
                                           {"\xff\xd8\xff", decodeJpeg},
                                           {"RIFF", decodeWebp},
                                           {"P6", decodePpm},
                                           {"P5", decodePpm}}};

} // namespace

void refuseDamaged(const EncodedImage& from, const std::string& why)
{
    throw Error(from.where + ": the picture is damaged: " + why + ".",
                "Open it in another program and save it again, or leave it out.");
}

void checkMemory(const EncodedImage& from, std::uint64_t bytes)
{
    if (bytes > kFreeBytes + 2 * static_cast<std::uint64_t>(from.bytes.size()))
        throw Error(from.where + ": the picture would take " + bytesInWords(bytes)
                        + " of memory, which is too much for a file of "
                        + bytesInWords(from.bytes.size()) + ".",
                    "Make the picture smaller; models see a few hundred pixels.");
}

Image imageOf(const EncodedImage& from, std::int64_t width, std::int64_t height)
{
    if (width < 1 || height < 1 || width > kMostSide || height > kMostSide)
        refuseDamaged(from,
                      "it says that it has " + std::to_string(width) + " x "
                          + std::to_string(height) + " pixels");
    const auto bytes = static_cast<std::uint64_t>(width * height * kColours);
    checkMemory(from, bytes);
    return {width, height, std::vector<std::uint8_t>(bytes)};
}

Image readImage(const std::filesystem::path& path)
{
    const MappedFile file(path);
    const EncodedImage from {file.bytes(), path.string()};
    const std::string_view bytes(reinterpret_cast<const char*>(from.data()), from.bytes.size());
    for (const Format& format : kFormats)
        if (bytes.starts_with(format.start))
            return format.decode(from);
    throw Error(path.string() + ": this is no picture of a kind that is read.",
                "Save it as PNG, JPEG, WebP or PPM.");
}

bool isImageName(const std::filesystem::path& path)
{
    static const std::array<std::string_view, 7> kEndings {".png", ".jpg", ".jpeg", ".webp",
                                                           ".ppm", ".pgm", ".jfif"};
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

} // namespace tw
