// SPDX-License-Identifier: Apache-2.0
// libpng reports errors by jumping: what needs a destructor lives outside of the functions that are
// jumped over.

#include "core/media/image_formats.h"

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <png.h>

namespace tw {
namespace {

struct PngReader
{
    explicit PngReader(const EncodedImage& encoded)
        : from(encoded)
    {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, onWarning);
        info = png == nullptr ? nullptr : png_create_info_struct(png);
        if (info == nullptr)
            refuseDamaged(from, "libpng cannot be started");
        // What text, profiles and unknown parts of the file may take.
        png_set_user_limits(png, 1 << 16, 1 << 16);
        png_set_chunk_malloc_max(png, 16 << 20);
        png_set_read_fn(png, this, onRead);
    }
    ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    [[noreturn]] static void onError(png_structp png, png_const_charp why)
    {
        auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
        std::strncpy(reader->why, why, sizeof reader->why - 1);
        png_longjmp(png, 1);
    }
    static void onWarning(png_structp, png_const_charp) { } // Pillow is silent as well
    static void onRead(png_structp png, png_bytep out, std::size_t count)
    {
        auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
        if (count > reader->from.bytes.size() - reader->place)
            png_error(png, "the file ends too early");
        std::memcpy(out, reader->from.data() + reader->place, count);
        reader->place += count;
    }

    bool readHeader()
    {
        if (setjmp(png_jmpbuf(png)) != 0)
            return false;
        png_read_info(png, info);
        png_set_expand(png);
        png_set_strip_16(png);
        png_set_strip_alpha(png);
        png_set_gray_to_rgb(png);
        png_set_interlace_handling(png);
        png_read_update_info(png, info);
        return true;
    }

    bool readRows(png_bytepp rows)
    {
        if (setjmp(png_jmpbuf(png)) != 0)
            return false;
        png_read_image(png, rows);
        return true;
    }

    const EncodedImage& from;
    std::size_t place = 0;
    png_structp png = nullptr;
    png_infop info = nullptr;
    char why[128] = {};
};

/// libpng sets aside what a part says that it holds before reading it: no part may say more than
/// the file has.
void checkParts(const EncodedImage& from)
{
    constexpr std::size_t kFrame = 12; // length and name in front, a checksum behind
    const std::uint8_t* data = from.data();
    for (std::size_t at = 8, size = from.bytes.size(); at < size;) { // behind the signature
        if (size - at < kFrame)
            refuseDamaged(from, "the file ends too early");
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = length << 8U | data[at + i];
        if (length > size - at - kFrame)
            refuseDamaged(from, "the file ends too early");
        if (std::memcmp(data + at + 4, "IEND", 4) == 0)
            return;
        at += kFrame + length;
    }
}

} // namespace

Image decodePng(const EncodedImage& from)
{
    checkParts(from);
    PngReader reader(from);
    if (!reader.readHeader())
        refuseDamaged(from, reader.why);
    Image image = imageOf(from, png_get_image_width(reader.png, reader.info),
                          png_get_image_height(reader.png, reader.info));
    const auto stride = static_cast<std::size_t>(image.width * kColours);
    if (png_get_rowbytes(reader.png, reader.info) != stride)
        refuseDamaged(from, "its rows have another length than its header says");
    std::vector<png_bytep> rows;
    for (std::int64_t row = 0; row < image.height; ++row)
        rows.push_back(image.pixels.data() + static_cast<std::size_t>(row) * stride);
    if (!reader.readRows(rows.data()))
        refuseDamaged(from, reader.why);
    return image;
}

} // namespace tw
