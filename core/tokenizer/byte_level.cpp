// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/byte_level.h"

#include "core/base/text.h"

#include <array>

namespace tw {
namespace {

constexpr std::size_t kPoints =
    0x144; // the 68 bytes that do not print are moved to U+0100 .. U+0143
constexpr std::int16_t kNone = -1;

struct Tables
{
    std::array<char32_t, 256> pointOf {};
    std::array<std::int16_t, kPoints> byteOf {};

    Tables()
    {
        byteOf.fill(kNone);
        char32_t next = 0x100;
        for (char32_t byte = 0; byte < 256; ++byte) {
            const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC)
                || (byte >= 0xAE && byte <= 0xFF);
            const char32_t point = prints ? byte : next++;
            pointOf[byte] = point;
            byteOf[point] = static_cast<std::int16_t>(byte);
        }
    }
};

const Tables& tables()
{
    static const Tables kTables;
    return kTables;
}

} // namespace

char32_t byteLevelPoint(std::uint8_t byte)
{
    return tables().pointOf[byte];
}

std::string byteLevelText(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 4);
    for (const char byte : bytes)
        appendUtf8(text, byteLevelPoint(static_cast<std::uint8_t>(byte)));
    return text;
}

std::string byteLevelBytes(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size());
    for (const char32_t point : toCodePoints(text)) {
        const std::int16_t byte = point < kPoints ? tables().byteOf[point] : kNone;
        if (byte == kNone)
            return std::string(text);
        bytes.push_back(static_cast<char>(byte));
    }
    return bytes;
}

} // namespace tw
