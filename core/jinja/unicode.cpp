// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/unicode.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <utf8proc.h>

namespace tw::jinja {
namespace {

utf8proc_int32_t code(char32_t c)
{
    return static_cast<utf8proc_int32_t>(c);
}

/// Capitals that take more than one code point (Unicode's SpecialCasing.txt, without the Greek ones
/// with iota).
struct LongUpper
{
    char32_t lower;
    std::u32string_view upper;
    std::u32string_view title;
};
constexpr std::array kLongUppers {
    LongUpper {U'\u00DF', U"SS", U"Ss"},
    LongUpper {U'\uFB00', U"FF", U"Ff"},
    LongUpper {U'\uFB01', U"FI", U"Fi"},
    LongUpper {U'\uFB02', U"FL", U"Fl"},
    LongUpper {U'\uFB03', U"FFI", U"Ffi"},
    LongUpper {U'\uFB04', U"FFL", U"Ffl"},
    LongUpper {U'\uFB05', U"ST", U"St"},
    LongUpper {U'\uFB06', U"ST", U"St"},
    LongUpper {U'\u0149', U"\u02BCN", U"\u02BCN"},
    LongUpper {U'\u01F0', U"J\u030C", U"J\u030C"},
    LongUpper {U'\u0390', U"\u0399\u0308\u0301", U"\u0399\u0308\u0301"},
    LongUpper {U'\u03B0', U"\u03A5\u0308\u0301", U"\u03A5\u0308\u0301"},
    LongUpper {U'\u0587', U"\u0535\u0552", U"\u0535\u0582"},
};

void addUpper(std::u32string& out, char32_t c)
{
    for (const LongUpper& known : kLongUppers) {
        if (known.lower == c) {
            out += known.upper;
            return;
        }
    }
    out += static_cast<char32_t>(utf8proc_toupper(code(c)));
}

void addTitle(std::u32string& out, char32_t c)
{
    for (const LongUpper& known : kLongUppers) {
        if (known.lower == c) {
            out += known.title;
            return;
        }
    }
    out += static_cast<char32_t>(utf8proc_totitle(code(c)));
}

bool isCaseIgnorable(char32_t c)
{
    const auto category = utf8proc_category(code(c));
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME
        || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_LM
        || category == UTF8PROC_CATEGORY_SK || c == U'\'' || c == U'.' || c == U':'
        || c == U'\u00B7' || c == U'\u2019';
}

/// A capital sigma at the end of a word has a small form of its own (Unicode, section 3.13,
/// Final_Sigma).
bool isFinalSigma(std::u32string_view text, std::size_t at)
{
    std::size_t before = at;
    while (before > 0 && isCaseIgnorable(text[before - 1]))
        --before;
    if (before == 0 || !isCased(text[before - 1]))
        return false;
    std::size_t after = at + 1;
    while (after < text.size() && isCaseIgnorable(text[after]))
        ++after;
    return after == text.size() || !isCased(text[after]);
}

void addLower(std::u32string& out, std::u32string_view text, std::size_t at)
{
    const char32_t c = text[at];
    if (c == U'\u0130')
        out += U"i\u0307";
    else if (c == U'\u03A3')
        out += isFinalSigma(text, at) ? U'\u03C2' : U'\u03C3';
    else
        out += static_cast<char32_t>(utf8proc_tolower(code(c)));
}

/// Byte length of the blank that starts at text[at], or 0.
std::size_t blankAt(std::string_view text, std::size_t at)
{
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80)
        return isSpace(byte) ? 1 : 0;
    const std::size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::u32string point = toCodePoints(text.substr(at, length));
    return point.size() == 1 && isSpace(point.front()) ? length : 0;
}

} // namespace

bool isSpace(char32_t c)
{
    if (c < 0x80)
        return c == U' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028
        || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool isPrintable(char32_t c)
{
    if (c < 0x7F)
        return c >= 0x20;
    switch (utf8proc_category(code(c))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
        return false;
    default:
        return true;
    }
}

bool isLetter(char32_t c)
{
    const auto category = utf8proc_category(code(c));
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool isDecimal(char32_t c)
{
    return utf8proc_category(code(c)) == UTF8PROC_CATEGORY_ND;
}

bool isDigit(char32_t c)
{
    return isDecimal(c) || c == 0xB2 || c == 0xB3 || c == 0xB9
        || (c >= 0x2070 && c <= 0x2079 && c != 0x2071 && c != 0x2072 && c != 0x2073)
        || (c >= 0x2080 && c <= 0x2089) || (c >= 0x2460 && c <= 0x2468);
}

bool isNumeric(char32_t c)
{
    const auto category = utf8proc_category(code(c));
    return isDigit(c) || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

bool isLower(char32_t c)
{
    return utf8proc_islower(code(c)) != 0;
}

bool isUpper(char32_t c)
{
    return utf8proc_isupper(code(c)) != 0;
}

bool isCased(char32_t c)
{
    return isLower(c) || isUpper(c) || utf8proc_category(code(c)) == UTF8PROC_CATEGORY_LT;
}

bool isLineBreak(char32_t c)
{
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028
        || c == 0x2029;
}

std::u32string upper(std::u32string_view text)
{
    std::u32string out;
    for (const char32_t c : text)
        addUpper(out, c);
    return out;
}

std::u32string lower(std::u32string_view text)
{
    std::u32string out;
    for (std::size_t i = 0; i < text.size(); ++i)
        addLower(out, text, i);
    return out;
}

std::u32string titled(std::u32string_view text)
{
    std::u32string out;
    bool isInWord = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isInWord)
            addLower(out, text, i);
        else
            addTitle(out, text[i]);
        isInWord = isCased(text[i]);
    }
    return out;
}

std::u32string capitalized(std::u32string_view text)
{
    std::u32string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 0)
            addTitle(out, text[i]);
        else
            addLower(out, text, i);
    }
    return out;
}

std::u32string swappedCase(std::u32string_view text)
{
    std::u32string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isUpper(text[i]))
            addLower(out, text, i);
        else
            addUpper(out, text[i]);
    }
    return out;
}

std::u32string folded(std::u32string_view text)
{
    std::u32string out;
    for (const char32_t c : text) {
        std::array<utf8proc_int32_t, 8> points {};
        const auto count = utf8proc_decompose_char(code(c), points.data(),
                                                   static_cast<utf8proc_ssize_t>(points.size()),
                                                   UTF8PROC_CASEFOLD, nullptr);
        for (utf8proc_ssize_t i = 0; i < count; ++i)
            out += static_cast<char32_t>(points[static_cast<std::size_t>(i)]);
    }
    return out;
}

std::string_view stripped(std::string_view text, bool left, bool right)
{
    while (left && !text.empty()) {
        const std::size_t length = blankAt(text, 0);
        if (length == 0)
            break;
        text.remove_prefix(length);
    }
    while (right && !text.empty()) {
        std::size_t at = text.size() - 1;
        while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
            --at;
        if (blankAt(text, at) == 0)
            break;
        text = text.substr(0, at);
    }
    return text;
}

std::u32string_view
strippedOf(std::u32string_view text, std::u32string_view characters, bool left, bool right)
{
    while (left && !text.empty() && characters.find(text.front()) != std::u32string_view::npos)
        text.remove_prefix(1);
    while (right && !text.empty() && characters.find(text.back()) != std::u32string_view::npos)
        text.remove_suffix(1);
    return text;
}

} // namespace tw::jinja
