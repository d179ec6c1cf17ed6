// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/code_points.h"

#include <algorithm>
#include <unicode/uchar.h>
#include <utf8proc.h>

namespace tw {
namespace {

// Versions of Unicode that the reference's libraries have: for categories, for combining marks.
constexpr int kOfCategories = 8;
constexpr int kOfMarks = 9;

bool isIn(char32_t point, char32_t first, char32_t last)
{
    return point >= first && point <= last;
}

utf8proc_category_t categoryOf(char32_t point)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(point));
}

} // namespace

bool isAsciiText(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

bool isBlank(char32_t point)
{
    if (point < 0x80)
        return point == ' ' || isIn(point, 0x09, 0x0D);
    return point == 0x85 || point == 0xA0 || point == 0x1680 || isIn(point, 0x2000, 0x200A)
        || point == 0x2028 || point == 0x2029 || point == 0x202F || point == 0x205F
        || point == 0x3000;
}

bool isPythonBlank(char32_t point)
{
    return isBlank(point) || isIn(point, 0x1C, 0x1F);
}

std::string strippedLikePython(std::string_view text)
{
    while (!text.empty() && isPythonBlank(pointAt(text, 0)))
        text.remove_prefix(pointLength(text.front()));
    while (!text.empty() && isPythonBlank(pointAt(text, pointBefore(text, text.size()))))
        text = text.substr(0, pointBefore(text, text.size()));
    return std::string(text);
}

bool isWordPoint(char32_t point)
{
    if (point < 0x80)
        return isIn(point, '0', '9') || isIn(point, 'A', 'Z') || isIn(point, 'a', 'z')
            || point == '_';
    switch (categoryOf(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    case UTF8PROC_CATEGORY_SO: // letters in circles and squares are alphabetic
        return isIn(point, 0x24B6, 0x24E9) || isIn(point, 0x1F130, 0x1F149)
            || isIn(point, 0x1F150, 0x1F169) || isIn(point, 0x1F170, 0x1F189);
    default:
        // joiners; ideographs and hieroglyphs that are younger than our tables
        return point == 0x200C || point == 0x200D || isIn(point, 0x2EBF0, 0x2EE5D)
            || isIn(point, 0x13460, 0x143FA);
    }
}

bool isNumeric(char32_t point)
{
    if (point < 0x80)
        return isIn(point, '0', '9');
    const auto category = categoryOf(point);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL
        || category == UTF8PROC_CATEGORY_NO;
}

bool isKnownSince(char32_t point, int major)
{
    UVersionInfo age {};
    u_charAge(static_cast<UChar32>(point), age);
    return age[0] != 0 && age[0] <= major;
}

bool isPunctuation(char32_t point)
{
    if (point < 0x80)
        return isIn(point, '!', '/') || isIn(point, ':', '@') || isIn(point, '[', '`')
            || isIn(point, '{', '~');
    if (point == 0x166D || point == 0x111C9) // which Unicode has moved to other classes since
        return true;
    const auto category = categoryOf(point);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO
        && isKnownSince(point, kOfCategories);
}

bool isControlOrFormat(char32_t point)
{
    const auto category = categoryOf(point);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CO
        || (category == UTF8PROC_CATEGORY_CF && isKnownSince(point, kOfCategories));
}

bool isMark(char32_t point)
{
    if (point == 0x1CF2 || point == 0x1CF3 || point == 0x111C9) // moved as well
        return point != 0x111C9;
    const auto category = categoryOf(point);
    return (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC
            || category == UTF8PROC_CATEGORY_ME)
        && isKnownSince(point, kOfMarks);
}

bool isNonspacingMark(char32_t point)
{
    if (point == 0x1885 || point == 0x1886 || point == 0xA9BD || point == 0x111C9)
        return false; // which Unicode has moved to other classes since, as it has 0x1734
    return point == 0x1734
        || (categoryOf(point) == UTF8PROC_CATEGORY_MN && isKnownSince(point, kOfCategories));
}

bool isChinese(char32_t point)
{
    // 0x2B920 (for 0x2B820) is what the reference has.
    return isIn(point, 0x4E00, 0x9FFF) || isIn(point, 0x3400, 0x4DBF)
        || isIn(point, 0x20000, 0x2A6DF) || isIn(point, 0x2A700, 0x2B73F)
        || isIn(point, 0x2B740, 0x2B81F) || isIn(point, 0x2B920, 0x2CEAF)
        || isIn(point, 0xF900, 0xFAFF) || isIn(point, 0x2F800, 0x2FA1F);
}

} // namespace tw
