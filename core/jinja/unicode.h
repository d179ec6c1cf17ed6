// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tw::jinja {

// What Python's str knows of Unicode, on code points and on UTF-8.

bool isSpace(char32_t c);
bool isPrintable(char32_t c);
bool isLetter(char32_t c);
bool isDecimal(char32_t c); ///< a digit of any script
bool isDigit(char32_t c); ///< those and superscripts
bool isNumeric(char32_t c); ///< those and fractions, Roman numerals
bool isLower(char32_t c);
bool isUpper(char32_t c);
bool isCased(char32_t c);
bool isLineBreak(char32_t c); ///< where splitlines() breaks

std::u32string upper(std::u32string_view text);
std::u32string lower(std::u32string_view text);
std::u32string titled(std::u32string_view text); ///< str.title()
std::u32string capitalized(std::u32string_view text);
std::u32string swappedCase(std::u32string_view text);
std::u32string folded(std::u32string_view text);

/// Where the text without blanks (or without the given characters) at its ends starts and stops.
std::string_view stripped(std::string_view text, bool left = true, bool right = true);
std::u32string_view strippedOf(std::u32string_view text,
                               std::u32string_view characters,
                               bool left = true,
                               bool right = true);

} // namespace tw::jinja
