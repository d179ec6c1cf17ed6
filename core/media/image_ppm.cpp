// SPDX-License-Identifier: Apache-2.0
// The binary kinds of Netpbm (netpbm.sourceforge.net/doc/ppm.html): P6 in colour, P5 in greys.

#include "core/media/image_formats.h"

#include <algorithm>

namespace tw {
namespace {

class PpmHeader
{
public:
    explicit PpmHeader(const EncodedImage& from)
        : m_from(from)
    {
    }

    /// A whole number behind blanks and comments.
    std::int64_t number()
    {
        skipBlanks();
        std::int64_t value = 0;
        const std::size_t first = m_place;
        while (m_place < size() && byte() >= '0' && byte() <= '9' && value < (1 << 24))
            value = value * 10 + (m_from.data()[m_place++] - '0');
        if (m_place == first)
            refuseDamaged(m_from, "a number is missing in its header");
        return value;
    }

    /// Where the pixels start: one blank behind the header.
    std::size_t end() const { return std::min(m_place + 1, size()); }

private:
    std::size_t size() const { return m_from.bytes.size(); }
    std::uint8_t byte() const { return m_from.data()[m_place]; }

    void skipBlanks()
    {
        bool isComment = false;
        for (; m_place < size(); ++m_place) {
            if (byte() == '#')
                isComment = true;
            const bool isBlank = byte() == ' ' || (byte() >= '\t' && byte() <= '\r');
            if (!isComment && !isBlank)
                return;
            if (byte() == '\n')
                isComment = false;
        }
    }

    const EncodedImage& m_from;
    std::size_t m_place = 2; // behind P5 or P6
};

} // namespace

Image decodePpm(const EncodedImage& from)
{
    const bool isGrey = from.data()[1] == '5';
    PpmHeader header(from);
    const std::int64_t width = header.number();
    const std::int64_t height = header.number();
    const std::int64_t brightest = header.number();
    if (brightest != 255)
        refuseDamaged(from, "its brightest value is " + std::to_string(brightest) + ", not 255");
    Image image = imageOf(from, width, height);
    const std::size_t samples = image.pixels.size() / (isGrey ? kColours : 1);
    if (from.bytes.size() - header.end() < samples)
        refuseDamaged(from, "the file ends too early");
    const std::uint8_t* pixels = from.data() + header.end();
    if (!isGrey)
        std::copy_n(pixels, samples, image.pixels.begin());
    else
        for (std::size_t i = 0; i < samples; ++i)
            std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(i * kColours), kColours,
                        pixels[i]);
    return image;
}

} // namespace tw
