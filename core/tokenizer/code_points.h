// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tw {

/// Bytes of the character that begins with `byte`.
inline std::size_t pointLength(char byte)
{
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x80 ? 1 : value < 0xE0 ? 2 : value < 0xF0 ? 3 : 4;
}

/// The code point at text[at]; `at` moves behind it. The text has to be well-formed UTF-8.
inline char32_t nextPoint(std::string_view text, std::size_t& at)
{
    const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
    };
    const char32_t first = byte(0);
    char32_t point = first;
    std::size_t length = 1;
    if (first >= 0xF0) {
        length = 4;
        point = (first & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U
            | (byte(3) & 0x3FU);
    } else if (first >= 0xE0) {
        length = 3;
        point = (first & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    } else if (first >= 0x80) {
        length = 2;
        point = (first & 0x1FU) << 6U | (byte(1) & 0x3FU);
    }
    at += length;
    return point;
}

inline char32_t pointAt(std::string_view text, std::size_t at)
{
    return nextPoint(text, at);
}

/// Where the character before `at` > 0 begins.
inline std::size_t pointBefore(std::string_view text, std::size_t at)
{
    do
        --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    return at;
}

bool isAsciiText(std::string_view text);

// Classes of characters as the reference's libraries have them; where those are of an older Unicode
// than utf8proc, so are these.

/// True where Unicode has had the character since version `major`.
bool isKnownSince(char32_t point, int major);
bool isBlank(char32_t point); ///< White_Space
/// What Python's str.strip and str.split take for blanks: four separators more.
bool isPythonBlank(char32_t point);
bool isWordPoint(char32_t point); ///< \w: letters, marks, digits, connectors, joiners
bool isNumeric(char32_t point); ///< Nd, Nl, No
bool isPunctuation(char32_t point); ///< ASCII punctuation and P*
bool isControlOrFormat(char32_t point); ///< Cc, Cf, Co
bool isMark(char32_t point); ///< Mn, Mc, Me
bool isNonspacingMark(char32_t point); ///< Mn
bool isChinese(char32_t point); ///< as BERT has it: without kana and hangul

/// Without blanks at its ends, as str.strip has it.
std::string strippedLikePython(std::string_view text);

} // namespace tw
