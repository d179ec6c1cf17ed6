// SPDX-License-Identifier: Apache-2.0
// libjpeg reports errors by jumping: what needs a destructor lives outside of the functions that
// are jumped over.

#include "core/media/image_formats.h"
#include "core/media/orientation.h"

#include <csetjmp>
#include <cstdio> // which jpeglib.h does not include
#include <jpeglib.h>

namespace tw {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kMostScans = 500; // of a progressive picture; cameras and programs write about ten

struct JpegReader
{
    explicit JpegReader(const EncodedImage& from)
    {
        jpeg.err = jpeg_std_error(&errors);
        errors.error_exit = onError;
        errors.output_message = [](j_common_ptr) { };
        jpeg.client_data = this;
        jpeg_create_decompress(&jpeg);
        watch.progress_monitor = onProgress;
        jpeg.progress = &watch;
        jpeg_mem_src(&jpeg, from.data(), static_cast<unsigned long>(from.bytes.size()));
    }
    ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;

    [[noreturn]] static void onError(j_common_ptr jpeg)
    {
        auto* reader = static_cast<JpegReader*>(jpeg->client_data);
        jpeg->err->format_message(jpeg, reader->why);
        std::longjmp(reader->back, 1);
    }
    /// A small file can ask for thousands of passes over a large picture.
    static void onProgress(j_common_ptr jpeg)
    {
        auto* reader = static_cast<JpegReader*>(jpeg->client_data);
        if (reader->jpeg.input_scan_number <= kMostScans)
            return;
        std::snprintf(reader->why, sizeof reader->why, "it has more than %d scans", kMostScans);
        std::longjmp(reader->back, 1);
    }

    bool readHeader()
    {
        if (setjmp(back) != 0)
            return false;
        jpeg_save_markers(&jpeg, kExifMarker, 0xFFFF);
        jpeg_read_header(&jpeg, TRUE);
        isInk = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
        jpeg.out_color_space = isInk ? JCS_CMYK : JCS_RGB;
        return true;
    }

    bool start()
    {
        if (setjmp(back) != 0)
            return false;
        jpeg_start_decompress(&jpeg);
        return true;
    }

    bool readRow(std::uint8_t* row)
    {
        if (setjmp(back) != 0)
            return false;
        jpeg_read_scanlines(&jpeg, &row, 1);
        return true;
    }

    /// Of all coefficients at once, which progressive pictures need.
    std::uint64_t coefficientBytes() const
    {
        std::uint64_t bytes = 0;
        for (int i = 0; i < jpeg.num_components; ++i) {
            const jpeg_component_info& part = jpeg.comp_info[i];
            bytes += std::uint64_t(part.width_in_blocks) * part.height_in_blocks * sizeof(JBLOCK);
        }
        return jpeg_has_multiple_scans(const_cast<jpeg_decompress_struct*>(&jpeg)) ? bytes : 0;
    }

    int orientation() const
    {
        for (const auto* marker = jpeg.marker_list; marker != nullptr; marker = marker->next)
            if (const int found = orientationOf({marker->data, marker->data_length}); found != 1)
                return found;
        return 1;
    }

    jpeg_decompress_struct jpeg {};
    jpeg_error_mgr errors {};
    jpeg_progress_mgr watch {};
    std::jmp_buf back {};
    bool isInk = false;
    char why[JMSG_LENGTH_MAX] = {};
};

/// Adobe's inverted inks to light, with Pillow's rounding: 255 - k less its share of the ink.
void fromInks(const std::vector<std::uint8_t>& inks, std::uint8_t* out)
{
    for (std::size_t at = 0; at + 3 < inks.size(); at += 4) {
        const int light = inks[at + 3];
        for (std::size_t colour = 0; colour < 3; ++colour) {
            const int product = (255 - inks[at + colour]) * light + 128;
            *out++ = static_cast<std::uint8_t>(light - ((product + (product >> 8)) >> 8));
        }
    }
}

} // namespace

Image decodeJpeg(const EncodedImage& from)
{
    JpegReader reader(from);
    if (!reader.readHeader())
        refuseDamaged(from, reader.why);
    Image image = imageOf(from, reader.jpeg.image_width, reader.jpeg.image_height);
    checkMemory(from, reader.coefficientBytes());
    const int orientation = reader.orientation();
    if (orientation != 1)
        checkMemory(from, 2 * image.pixels.size());
    if (!reader.start())
        refuseDamaged(from, reader.why);
    std::vector<std::uint8_t> inks(reader.isInk ? static_cast<std::size_t>(image.width) * 4
                                                : std::size_t(0));
    for (std::int64_t row = 0; row < image.height; ++row) {
        std::uint8_t* out =
            image.pixels.data() + static_cast<std::size_t>(row * image.width * kColours);
        if (!reader.readRow(reader.isInk ? inks.data() : out))
            refuseDamaged(from, reader.why);
        fromInks(inks, out);
    }
    if (reader.errors.num_warnings > 0)
        refuseDamaged(from, "its data are incomplete");
    if (orientation != 1)
        return upright(image, orientation);
    return image;
}

} // namespace tw
