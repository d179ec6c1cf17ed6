// SPDX-License-Identifier: Apache-2.0
#include "core/data/media_heads.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLooks = 200; // our choice: a few milliseconds from a disk
constexpr std::size_t kHead = 32; // bytes: up to the sizes in each format below

struct Size
{
    std::uint64_t width = 0;
    std::uint64_t height = 0;
};

enum class Order
{
    BigEndian,
    LittleEndian
};

std::uint64_t numberAt(const std::string& head, std::size_t at, std::size_t bytes, Order order)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        const std::size_t place = order == Order::BigEndian ? at + i : at + bytes - 1 - i;
        number = number << 8U | static_cast<unsigned char>(head[place]);
    }
    return number;
}

bool isPicture(const std::string& head)
{
    using namespace std::string_view_literals;
    static constexpr std::array kStarts {"\x89PNG\r\n\x1a\n"sv,
                                         "\xFF\xD8\xFF"sv,
                                         "GIF8"sv,
                                         "BM"sv,
                                         "II*\0"sv,
                                         "MM\0*"sv,
                                         "II+\0"sv,
                                         "MM\0+"sv};
    const bool isKnown = std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) {
        return head.starts_with(start);
    });
    const bool isWebp = head.starts_with("RIFF") && head.find("WEBP", 8) == 8;
    const bool isPnm = head.size() > 2 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7';
    return isKnown || isWebp || isPnm;
}

/// Pixels as the head claims them; nothing for formats that keep them further behind.
std::optional<Size> sizeIn(const std::string& head)
{
    if (head.starts_with("\x89PNG") && head.size() >= 24)
        return Size {numberAt(head, 16, 4, Order::BigEndian),
                     numberAt(head, 20, 4, Order::BigEndian)};
    if (head.starts_with("GIF8") && head.size() >= 10)
        return Size {numberAt(head, 6, 2, Order::LittleEndian),
                     numberAt(head, 8, 2, Order::LittleEndian)};
    return std::nullopt;
}

/// As core/media does it: red, green and blue of each pixel in 64 MiB and twice the file.
bool isTooLarge(const Size& size, std::uint64_t fileBytes)
{
    constexpr std::uint64_t kFree = std::uint64_t {64} << 20U;
    const std::uint64_t most = (kFree + 2 * fileBytes) / 3;
    return size.width != 0 && size.height > most / size.width;
}

std::string headOf(const fs::path& path)
{
    std::string head(kHead, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    return head;
}

void notePicture(const fs::path& path, ReadingNotes& notes)
{
    const std::string head = headOf(path);
    if (!isPicture(head))
        return notes.mended(0,
                            path.string() + " is no picture, whatever its name says"
                                + (head.empty() ? ": it is empty, or cannot be read." : "."),
                            "Delete it, or save the picture anew.");
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(path, error);
    const auto size = sizeIn(head);
    if (!error && size && isTooLarge(*size, bytes))
        notes.mended(0,
                     path.string() + " claims to have " + std::to_string(size->width) + " x "
                         + std::to_string(size->height) + " pixels, in a file of "
                         + bytesInWords(bytes) + ": it will not be read.",
                     "Delete it, or save the picture anew, and smaller.");
}

} // namespace

void notePictures(const std::vector<fs::path>& files, ReadingNotes& notes)
{
    const std::size_t looks = std::min(kLooks, files.size());
    for (std::size_t i = 0; i < looks; ++i)
        notePicture(files[i * files.size() / looks], notes);
}

} // namespace tw
