// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/string_literal.h"

#include "core/base/text.h"

#include <charconv>

namespace tw::jinja {
namespace {

constexpr std::string_view kLetters = "\\'\"abfnrtv";
constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";

/// Reads `count` hexadecimal digits at text[at].
bool readHex(std::string_view text, std::size_t at, std::size_t count, char32_t& point)
{
    if (at + count > text.size())
        return false;
    unsigned value = 0;
    const char* const end = text.data() + at + count;
    if (std::from_chars(text.data() + at, end, value, 16).ptr != end)
        return false;
    point = value;
    return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

/// Length of the escape behind the backslash at text[at - 1], or 0 where it is wrong.
std::size_t readNumeric(std::string_view text, std::size_t at, std::string& out)
{
    char32_t point = 0;
    const char c = text[at];
    if (c >= '0' && c <= '7') {
        std::size_t length = 0;
        while (length < 3 && at + length < text.size() && text[at + length] >= '0'
               && text[at + length] <= '7')
            point = point * 8 + static_cast<char32_t>(text[at + length++] - '0');
        appendUtf8(out, point);
        return length;
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
    if (!readHex(text, at + 1, digits, point)) {
        // Two halves of a surrogate pair make one code point; Python keeps them apart and fails
        // when it prints them.
        return 0;
    }
    appendUtf8(out, point);
    return digits + 1;
}

} // namespace

std::string unescaped(std::string_view literal, std::string& problem)
{
    std::string out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\' || i + 1 >= literal.size()) {
            out += literal[i];
            continue;
        }
        const char c = literal[++i];
        const std::size_t known = kLetters.find(c);
        if (known != std::string_view::npos) {
            out += kMeanings[known];
        } else if ((c >= '0' && c <= '7') || c == 'x' || c == 'u' || c == 'U') {
            const std::size_t length = readNumeric(literal, i, out);
            if (length == 0) {
                problem = std::string("the escape \\") + c + " in a text is not complete";
                return {};
            }
            i += length - 1;
        } else if (c == 'N') {
            problem = "the escape \\N in a text is not supported";
            return {};
        } else if (c != '\n') { // a line that goes on; anything else keeps its backslash
            out += '\\';
            out += c;
        }
    }
    return out;
}

} // namespace tw::jinja
