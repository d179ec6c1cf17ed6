// SPDX-License-Identifier: Apache-2.0
#include "core/media/orientation.h"

#include <algorithm>
#include <string_view>

namespace tw {
namespace {

constexpr std::string_view kMark {"Exif\0\0", 6};

/// Numbers of a TIFF header, in its order of bytes; 0 beyond its end.
class Tiff
{
public:
    explicit Tiff(std::span<const std::uint8_t> bytes)
        : m_bytes(bytes)
        , m_isLittle(!bytes.empty() && bytes[0] == 'I')
    {
    }
    std::uint32_t number(std::size_t at, std::size_t size) const
    {
        if (at > m_bytes.size() || size > m_bytes.size() - at)
            return 0;
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < size; ++i)
            number = number << 8U | m_bytes[at + (m_isLittle ? size - 1 - i : i)];
        return number;
    }

private:
    std::span<const std::uint8_t> m_bytes;
    bool m_isLittle;
};

} // namespace

int orientationOf(std::span<const std::uint8_t> segment)
{
    constexpr std::uint32_t kTag = 0x0112;
    constexpr std::uint32_t kShort = 3; // TIFF 6.0: a number of 16 bits
    constexpr std::size_t kEntry = 12; // tag, type, count, value
    const bool isExif = segment.size() > kMark.size()
        && std::equal(kMark.begin(), kMark.end(), segment.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
    if (!isExif)
        return 1;
    const Tiff tiff(segment.subspan(kMark.size()));
    const std::size_t first = tiff.number(4, 4);
    for (std::size_t i = 0; i < tiff.number(first, 2); ++i) {
        const std::size_t entry = first + 2 + i * kEntry;
        if (tiff.number(entry, 2) != kTag || tiff.number(entry + 2, 2) != kShort)
            continue;
        const std::uint32_t value = tiff.number(entry + 8, 2);
        return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
}

Image upright(const Image& image, int orientation)
{
    if (orientation <= 1)
        return image;
    const bool swaps = orientation >= 5; // rows become columns
    const bool fromRight = orientation == 2 || orientation == 3 || orientation >= 7;
    const bool fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    Image out {swaps ? image.height : image.width, swaps ? image.width : image.height,
               std::vector<std::uint8_t>(image.pixels.size())};
    std::uint8_t* to = out.pixels.data();
    for (std::int64_t y = 0; y < out.height; ++y)
        for (std::int64_t x = 0; x < out.width; ++x) {
            const std::int64_t column = swaps ? y : x;
            const std::int64_t row = swaps ? x : y;
            const std::int64_t at = (fromBottom ? image.height - 1 - row : row) * image.width
                + (fromRight ? image.width - 1 - column : column);
            to = std::copy_n(image.pixels.data() + at * kColours, kColours, to);
        }
    return out;
}

} // namespace tw
