// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/format_spec.h"

#include "core/base/text.h"
#include "core/jinja/format.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/whole.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace tw::jinja {
namespace {

Specification specificationFrom(const std::string& text)
{
    Specification spec;
    std::size_t at = 0;
    const std::u32string points = toCodePoints(text);
    const auto isAlign = [](char32_t c) {
        return c == U'<' || c == U'>' || c == U'^' || c == U'=';
    };
    if (points.size() > 1 && isAlign(points[1])) {
        spec.fill = toUtf8(points.substr(0, 1));
        spec.align = static_cast<char>(points[1]);
        at = spec.fill.size() + 1;
    } else if (!points.empty() && isAlign(points[0])) {
        spec.align = text[at++];
    }
    const auto take = [&](std::string_view characters) {
        return at < text.size() && characters.find(text[at]) != std::string_view::npos ? text[at++]
                                                                                       : '\0';
    };
    if (const char sign = take("+- "))
        spec.sign = sign;
    spec.isAlternate = take("#") != '\0';
    if (take("0") != '\0' && spec.align == '\0') {
        spec.fill = "0";
        spec.align = '=';
    }
    spec.width = readNumber(text, at, kMaxWidth);
    spec.grouping = take(",_");
    if (take(".") != '\0') {
        if (at >= text.size() || std::isdigit(static_cast<unsigned char>(text[at])) == 0)
            throw Failure("a format misses its precision");
        spec.precision = readNumber(text, at, kMaxPrecision);
    }
    spec.type = take("bcdeEfFgGnosxX%");
    if (at != text.size())
        throw Failure("the format '" + text + "' is not known");
    return spec;
}

std::string repeated(const std::string& fill, std::size_t times)
{
    if (fill.size() == 1)
        return std::string(times, fill.front());
    std::string out;
    out.reserve(times * fill.size());
    for (std::size_t i = 0; i < times; ++i)
        out += fill;
    return out;
}

std::string grouped(const std::string& digits, char separator, std::size_t size)
{
    std::string out;
    const std::size_t whole =
        std::min(digits.find_first_not_of("0123456789abcdefABCDEF"), digits.size());
    for (std::size_t i = 0; i < whole; ++i) {
        if (i > 0 && (whole - i) % size == 0)
            out += separator;
        out += digits[i];
    }
    return out + digits.substr(whole);
}

/// Digits without a sign.
std::string wholeDigits(const Value& number, int base, bool isUpper)
{
    if (base == 10) {
        const std::string text = wholeText(number);
        return text.substr(text.starts_with('-') ? 1 : 0);
    }
    return mpz_class(abs(wholeOf(number))).get_str(isUpper ? -base : base);
}

/// Digits of a number that is not negative; to_chars does not follow the language of the window as
/// printf would.
std::string realDigits(double number, const Specification& spec, char type)
{
    const char kind = static_cast<char>(std::tolower(type));
    const auto style = kind == 'f' ? std::chars_format::fixed
        : kind == 'e'              ? std::chars_format::scientific
                                   : std::chars_format::general;
    const int precision = static_cast<int>(spec.precision < 0 ? 6 : spec.precision);
    std::array<char, 1500> text {};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), number, style, precision).ptr;
    std::string digits(text.data(), end);
    if (kind != type)
        std::transform(digits.begin(), digits.end(), digits.begin(),
                       [](char c) { return static_cast<char>(std::toupper(c)); });
    return digits;
}

std::string signOf(bool isNegative, const Specification& spec)
{
    if (isNegative)
        return "-";
    return spec.sign == '-' ? std::string {} : std::string(1, spec.sign);
}

std::string firstPoints(const std::string& text, std::size_t count)
{
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count-- == 0)
            break;
    return text.substr(0, at);
}

} // namespace

std::int64_t readNumber(std::string_view text, std::size_t& at, std::int64_t limit)
{
    std::int64_t number = 0;
    for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at) {
        number = number * 10 + (text[at] - '0');
        if (number > limit)
            throw Failure("a width or precision in a format is too large");
    }
    return number;
}

std::string
padded(const std::string& text, const Specification& spec, char standard, std::size_t signLength)
{
    const auto width = static_cast<std::size_t>(spec.width);
    const std::size_t length = countPoints(text);
    if (length >= width)
        return text;
    const std::size_t missing = width - length;
    const char align = spec.align == '\0' ? standard : spec.align;
    const std::size_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
    if (align == '=')
        return text.substr(0, signLength) + repeated(spec.fill, left) + text.substr(signLength);
    return repeated(spec.fill, left) + text + repeated(spec.fill, missing - left);
}

std::string formatWhole(const Value& number, const Specification& spec)
{
    if (spec.precision >= 0)
        throw Failure("a whole number has no precision in a format");
    const std::int64_t whole = number.whole();
    const bool isNegative = whole < 0;
    if (spec.type == 'c') {
        if (isNegative || whole > 0x10FFFF || (whole >= 0xD800 && whole <= 0xDFFF))
            throw Failure("a number is no character"); // UTF-8 has no surrogates
        std::string text;
        appendUtf8(text, static_cast<char32_t>(whole));
        return padded(text, spec, '<');
    }
    const bool isHex = spec.type == 'x' || spec.type == 'X';
    const int base = isHex ? 16 : spec.type == 'o' ? 8 : spec.type == 'b' ? 2 : 10;
    std::string digits = wholeDigits(number, base, spec.type == 'X');
    if (spec.grouping != '\0')
        digits = grouped(digits, spec.grouping, base == 10 ? 3 : 4);
    std::string head = signOf(isNegative, spec);
    if (spec.isAlternate && base != 10)
        head += std::string("0") + spec.type;
    return padded(head + digits, spec, '>', head.size());
}

std::string formatReal(double number, const Specification& spec)
{
    const bool isNegative = std::signbit(number) && !std::isnan(number);
    const double size = std::abs(number);
    std::string digits;
    char type = spec.type;
    if (!std::isfinite(number)) {
        digits = std::isnan(number) ? "nan" : "inf";
        if (type == 'F' || type == 'E' || type == 'G')
            std::transform(digits.begin(), digits.end(), digits.begin(),
                           [](char c) { return static_cast<char>(std::toupper(c)); });
        digits += type == '%' ? "%" : "";
    } else if (type == '\0' && spec.precision < 0) {
        digits = floatText(size);
    } else if (type == '%') {
        digits = realDigits(size * 100.0, spec, 'f') + "%";
    } else if (type == '\0') {
        // As g, but always with a point where it stays fixed.
        digits = realDigits(size, spec, 'g');
        if (digits.find_first_of(".e") == std::string::npos)
            digits += ".0";
    } else {
        digits = realDigits(size, spec, type == 'n' ? 'g' : type);
    }
    if (spec.grouping != '\0')
        digits = grouped(digits, spec.grouping, 3);
    const std::string head = signOf(isNegative, spec);
    return padded(head + digits, spec, '>', head.size());
}

std::string formatText(const std::string& text, const Specification& spec)
{
    if ((spec.type != '\0' && spec.type != 's') || spec.sign != '-' || spec.grouping != '\0'
        || spec.isAlternate || (spec.align == '=' && spec.fill != "0"))
        throw Failure("this format does not fit a text");
    Specification plain = spec;
    if (plain.align == '=')
        plain.align = '<';
    if (spec.precision >= 0)
        return padded(firstPoints(text, static_cast<std::size_t>(spec.precision)), plain, '<');
    return padded(text, plain, '<');
}

namespace {

std::string formatted(Runtime& runtime, const Value& value, const std::string& specification)
{
    if (specification.empty())
        return toText(runtime, value);
    runtime.checkText(specification.size());
    const Specification spec = specificationFrom(specification);
    if (value.isText()) {
        runtime.checkText(value.text()->size()); // a precision may leave little of it
        return formatText(*value.text(), spec);
    }
    static constexpr std::string_view kReal = "eEfFgG%";
    if (value.isFloat()) {
        if (spec.type != '\0' && spec.type != 'n'
            && kReal.find(spec.type) == std::string_view::npos)
            throw Failure(std::string("the format '") + spec.type + "' does not fit a float");
        return formatReal(value.real(), spec);
    }
    if (value.isWhole()) {
        if (spec.type != '\0' && kReal.find(spec.type) != std::string_view::npos)
            return formatReal(value.real(), spec);
        if (spec.type == 's')
            throw Failure("the format 's' does not fit a number");
        return formatWhole(value, spec);
    }
    throw Failure("a format with a width does not fit '" + value.typeName() + "'");
}

} // namespace

std::string formatValue(Runtime& runtime, const Value& value, const std::string& specification)
{
    runtime.step();
    std::string text = formatted(runtime, value, specification);
    runtime.checkText(text.size());
    return text;
}

} // namespace tw::jinja
