// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/format.h"

#include "core/base/text.h"
#include "core/jinja/access.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace tw::jinja {
namespace {

constexpr std::int64_t kMaxWidth = 1'000'000;
constexpr std::int64_t kMaxPrecision = 1'000;

/// The parts of a format specification: [[fill]align][sign][#][0][width][,][.precision][type]
struct Specification
{
    std::string fill = " ";
    char align = '\0';
    char sign = '-';
    bool isAlternate = false;
    char grouping = '\0';
    std::int64_t width = 0;
    std::int64_t precision = -1;
    char type = '\0';
};

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

std::string padded(const std::string& text,
                   const Specification& spec,
                   char standard,
                   std::size_t signLength = 0)
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

std::string wholeDigits(std::uint64_t number, unsigned base, bool isUpper)
{
    std::string digits;
    do {
        const char digit = (isUpper ? "0123456789ABCDEF" : "0123456789abcdef")[number % base];
        digits.insert(digits.begin(), digit);
        number /= base;
    } while (number > 0);
    return digits;
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

std::string formatWhole(std::int64_t number, const Specification& spec)
{
    if (spec.precision >= 0)
        throw Failure("a whole number has no precision in a format");
    const bool isNegative = number < 0;
    const std::uint64_t size =
        isNegative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    if (spec.type == 'c') {
        if (isNegative || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
            throw Failure("a number is no character"); // UTF-8 has no surrogates
        std::string text;
        appendUtf8(text, static_cast<char32_t>(number));
        return padded(text, spec, '<');
    }
    const bool isHex = spec.type == 'x' || spec.type == 'X';
    const unsigned base = isHex ? 16 : spec.type == 'o' ? 8 : spec.type == 'b' ? 2 : 10;
    std::string digits = wholeDigits(size, base, spec.type == 'X');
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

std::string firstPoints(const std::string& text, std::size_t count)
{
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count-- == 0)
            break;
    return text.substr(0, at);
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

/// "%-5.2f" and its kin.
class PercentFormatter
{
public:
    PercentFormatter(Runtime& runtime, const std::string& pattern, const Value& values)
        : m_runtime(runtime)
        , m_pattern(pattern)
        , m_values(values)
    {
        const List* list = values.list();
        m_isTuple = list != nullptr && list->kind == ListKind::Tuple;
    }

    std::string take()
    {
        m_runtime.checkText(m_pattern.size());
        while (m_at < m_pattern.size()) {
            const std::size_t percent = std::min(m_pattern.find('%', m_at), m_pattern.size());
            m_out.append(m_pattern, m_at, percent - m_at);
            m_at = percent + 1;
            if (percent < m_pattern.size())
                readConversion();
            Runtime::limitText(m_out.size());
        }
        const bool isAllUsed = m_isTuple
            ? m_used == m_values.list()->items.size()
            : m_used > 0 || m_values.dict() != nullptr || m_values.list() != nullptr;
        if (!isAllUsed)
            throw Failure("not all values were used by the format");
        return std::move(m_out);
    }

private:
    char peek() const { return m_at < m_pattern.size() ? m_pattern[m_at] : '\0'; }

    const Value& nextValue()
    {
        if (m_isTuple) {
            if (m_used >= m_values.list()->items.size())
                throw Failure("there are not enough values for the format");
            return m_values.list()->items[m_used++];
        }
        if (m_used++ > 0)
            throw Failure("there are not enough values for the format");
        return m_values;
    }

    const Value& namedValue()
    {
        const std::size_t end = m_pattern.find(')', m_at);
        if (m_values.dict() == nullptr || end == std::string::npos)
            throw Failure("the format needs a mapping");
        const std::string name = m_pattern.substr(m_at + 1, end - m_at - 1);
        m_at = end + 1;
        const Value* value = m_values.dict()->find(name);
        if (value == nullptr)
            throw Failure("the format misses '" + name + "'");
        return *value;
    }

    std::int64_t readSize(std::int64_t limit)
    {
        if (peek() != '*')
            return jinja::readNumber(m_pattern, m_at, limit);
        ++m_at;
        const Value& value = nextValue();
        if (!value.isWhole() || value.whole() > limit || value.whole() < -limit)
            throw Failure("a width in a format is not usable");
        return value.whole();
    }

    void readConversion()
    {
        const Value* named = peek() == '(' ? &namedValue() : nullptr;
        Specification spec;
        bool isLeft = false;
        bool isZero = false;
        for (;; ++m_at) {
            const char c = peek();
            if (c == '-')
                isLeft = true;
            else if (c == '0')
                isZero = true;
            else if (c == '+' || (c == ' ' && spec.sign != '+'))
                spec.sign = c;
            else if (c == '#')
                spec.isAlternate = true;
            else if (c != ' ')
                break;
        }
        spec.width = readSize(kMaxWidth);
        isLeft = isLeft || spec.width < 0;
        spec.width = std::abs(spec.width);
        if (peek() == '.') {
            ++m_at;
            spec.precision = std::max<std::int64_t>(0, readSize(kMaxPrecision));
        }
        while (peek() == 'l' || peek() == 'h' || peek() == 'L')
            ++m_at;
        const char type = peek();
        ++m_at;
        spec.align = isLeft ? '<' : '>';
        if (type == '%') {
            m_out += '%';
            return;
        }
        const Value& value = named == nullptr ? nextValue() : *named;
        const std::string text = converted(value, spec, type, isZero && !isLeft);
        m_runtime.checkText(text.size());
        m_out += text;
    }

    std::string converted(const Value& value, Specification spec, char type, bool isZero)
    {
        if (type == 's' || type == 'r' || type == 'a') {
            spec.sign = '-';
            spec.isAlternate = false;
            const std::string text =
                type == 's' ? toText(m_runtime, value) : represent(m_runtime, value);
            m_runtime.checkText(text.size()); // a precision may leave little of it
            return formatText(text, spec);
        }
        constexpr std::size_t kLongest = 4; // bytes of a character
        if (type == 'c' && value.isText() && value.text()->size() <= kLongest
            && countPoints(*value.text()) == 1) {
            spec.sign = '-';
            return formatText(*value.text(), spec);
        }
        if (isZero) {
            spec.align = '=';
            spec.fill = "0";
        }
        static constexpr std::string_view kWhole = "diuxXoc";
        static constexpr std::string_view kReal = "eEfFgG";
        if (value.isUndefined())
            throw Failure(value.why());
        if (!value.isNumber())
            throw Failure(std::string("%") + type + " needs a number, not '" + value.typeName()
                          + "'");
        if (kReal.find(type) != std::string_view::npos) {
            spec.type = type;
            return formatReal(value.real(), spec);
        }
        if (type == '\0' || kWhole.find(type) == std::string_view::npos)
            throw Failure("the format %" + std::string(1, type) + " is not known");
        const auto whole =
            value.isFloat() ? wholeFromReal(value.real()) : std::optional(value.whole());
        if (!whole
            || (value.isFloat() && (type == 'x' || type == 'X' || type == 'o' || type == 'c')))
            throw Failure("a number does not fit its format");
        return wholeConverted(*whole, spec, type);
    }

    static std::string wholeConverted(std::int64_t whole, Specification spec, char type)
    {
        const std::int64_t digits = std::exchange(spec.precision, -1);
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        if (digits < 0)
            return formatWhole(whole, spec);
        Specification inner = spec; // the precision is the least number of digits
        inner.fill = "0";
        inner.align = '=';
        inner.width = digits + (whole < 0 || spec.sign != '-' ? 1 : 0);
        return padded(formatWhole(whole, inner), spec, '>');
    }

    Runtime& m_runtime;
    const std::string& m_pattern;
    const Value& m_values;
    bool m_isTuple = false;
    std::size_t m_at = 0;
    std::size_t m_used = 0;
    std::string m_out;
};

/// "{0.name[key]!r:>10}" and its kin.
class BraceFormatter
{
public:
    BraceFormatter(Runtime& runtime, const Arguments& arguments)
        : m_runtime(runtime)
        , m_arguments(arguments)
    {
    }

    std::string format(std::string_view pattern, int level)
    {
        if (level > 2)
            throw Failure("a format is nested too deeply");
        m_runtime.checkText(pattern.size());
        std::string out;
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            const char c = pattern[at];
            const bool isDoubled = at + 1 < pattern.size() && pattern[at + 1] == c;
            if (c == '}' && !isDoubled)
                throw Failure("a single '}' stands in a format");
            if ((c == '{' || c == '}') && isDoubled) {
                out += c;
                ++at;
            } else if (c == '{') {
                const std::size_t end = endOfField(pattern, at);
                out += field(pattern.substr(at + 1, end - at - 1), level);
                at = end;
            } else {
                out += c;
            }
            Runtime::limitText(out.size());
        }
        return out;
    }

private:
    static std::size_t endOfField(std::string_view pattern, std::size_t start)
    {
        int depth = 0;
        for (std::size_t at = start; at < pattern.size(); ++at) {
            if (pattern[at] == '{')
                ++depth;
            else if (pattern[at] == '}' && --depth == 0)
                return at;
        }
        throw Failure("a '{' of a format is never closed");
    }

    std::string field(std::string_view text, int level)
    {
        std::string specification;
        char conversion = '\0';
        const std::size_t bracket = text.find('[');
        std::size_t colon = text.find_first_of("!:");
        if (bracket < colon) // a key may hold both signs
            colon = text.find_first_of("!:", std::min(text.find(']', bracket), text.size()));
        std::string_view name = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            std::string_view rest = text.substr(colon);
            if (rest.front() == '!') {
                if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
                    throw Failure("a conversion of a format is not known");
                conversion = rest[1];
                rest.remove_prefix(2);
            }
            if (!rest.empty())
                specification = format(rest.substr(1), level + 1);
        }
        return formatValue(m_runtime, convertedValue(valueOf(name), conversion), specification);
    }

    Value convertedValue(Value value, char conversion)
    {
        if (conversion == 'r' || conversion == 'a')
            return represent(m_runtime, value);
        if (conversion == 's')
            return toText(m_runtime, value);
        if (conversion != '\0')
            throw Failure("a conversion of a format is not known");
        return value;
    }

    Value valueOf(std::string_view name)
    {
        std::size_t at = std::min(name.find_first_of(".["), name.size());
        Value value = first(std::string(name.substr(0, at)));
        while (at < name.size()) {
            if (name[at] == '.') {
                const std::size_t end = std::min(name.find_first_of(".[", at + 1), name.size());
                value =
                    attributeOf(m_runtime, value, std::string(name.substr(at + 1, end - at - 1)));
                at = end;
            } else {
                const std::size_t end = name.find(']', at);
                if (end == std::string_view::npos)
                    throw Failure("a '[' of a format is never closed");
                const std::string key(name.substr(at + 1, end - at - 1));
                const auto index = wholeFromText(key, 10);
                value = itemOf(m_runtime, value, index ? Value(*index) : Value(key));
                at = end + 1;
            }
        }
        return value;
    }

    Value first(const std::string& name)
    {
        const bool isAutomatic = name.empty();
        const auto index = isAutomatic ? std::optional(m_next) : wholeFromText(name, 10);
        if (!index) {
            for (const auto& [known, value] : m_arguments.named) {
                if (known == name)
                    return value;
            }
            throw Failure("the format misses '" + name + "'");
        }
        if ((isAutomatic && m_isNumbered) || (!isAutomatic && m_next > 0))
            throw Failure("a format mixes {} and {0}");
        if (isAutomatic)
            ++m_next;
        else
            m_isNumbered = true;
        if (*index < 0 || *index >= static_cast<std::int64_t>(m_arguments.positional.size()))
            throw Failure("there are not enough values for the format");
        return m_arguments.positional[static_cast<std::size_t>(*index)];
    }

    Runtime& m_runtime;
    const Arguments& m_arguments;
    std::int64_t m_next = 0;
    bool m_isNumbered = false;
};

} // namespace

std::string formatPercent(Runtime& runtime, const std::string& pattern, const Value& values)
{
    return PercentFormatter(runtime, pattern, values).take();
}

std::string formatBraces(Runtime& runtime, const std::string& pattern, const Arguments& arguments)
{
    return BraceFormatter(runtime, arguments).format(pattern, 0);
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
    if (value.isFloat())
        return formatReal(value.real(), spec);
    if (value.isWhole()) {
        static constexpr std::string_view kReal = "eEfFgG%";
        if (spec.type != '\0' && kReal.find(spec.type) != std::string_view::npos)
            return formatReal(value.real(), spec);
        if (spec.type == 's')
            throw Failure("the format 's' does not fit a number");
        return formatWhole(value.whole(), spec);
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
