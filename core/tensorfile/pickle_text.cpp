// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/pickle_text.h"

#include "core/base/text.h"

#include <charconv>

namespace tw {
namespace {

/// The number that `digits` hexadecimal digits at text[at] make; nothing where they are none.
std::optional<char32_t> hexAt(std::string_view text, std::size_t at, std::size_t digits)
{
    if (at + digits > text.size())
        return std::nullopt;
    std::uint32_t number = 0;
    const char* const end = text.data() + at + digits;
    if (std::from_chars(text.data() + at, end, number, 16).ptr != end)
        return std::nullopt;
    return number;
}

bool isScalar(char32_t codePoint)
{
    return codePoint <= 0x10FFFF && (codePoint < 0xD800 || codePoint > 0xDFFF);
}

char unescaped(char letter) // the others stand for themselves
{
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    default:
        return letter;
    }
}

} // namespace

std::optional<std::string> unquotedPython(std::string_view literal)
{
    if (literal.size() < 2 || literal.front() != literal.back()
        || (literal.front() != '\'' && literal.front() != '"'))
        return std::nullopt;
    literal = literal.substr(1, literal.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] != '\\') {
            out += literal[i];
        } else if (++i == literal.size()) {
            return std::nullopt;
        } else if (literal[i] == 'x') {
            const auto byte = hexAt(literal, i + 1, 2);
            if (!byte)
                return std::nullopt;
            out += static_cast<char>(*byte);
            i += 2;
        } else {
            out += unescaped(literal[i]);
        }
    }
    return out;
}

std::optional<std::string> fromRawUnicodeEscape(std::string_view line)
{
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool isEscape =
            line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == 'u' || line[i + 1] == 'U');
        if (!isEscape) {
            appendUtf8(out, static_cast<unsigned char>(line[i]));
            continue;
        }
        const std::size_t digits = line[i + 1] == 'u' ? 4 : 8;
        const auto codePoint = hexAt(line, i + 2, digits);
        if (!codePoint || !isScalar(*codePoint))
            return std::nullopt;
        appendUtf8(out, *codePoint);
        i += 1 + digits;
    }
    return out;
}

} // namespace tw
