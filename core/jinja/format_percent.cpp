// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/format.h"
#include "core/jinja/format_spec.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tw::jinja {
namespace {

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
            : m_used > 0 || m_values.dict() != nullptr || m_values.list() != nullptr
                || m_values.isUndefined(); // Python asks for no use of what has items
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
            value.isFloat() ? wholeFromReal(value.real()) : std::optional(plus(value));
        if (!whole
            || (value.isFloat() && (type == 'x' || type == 'X' || type == 'o' || type == 'c')))
            throw Failure("a number does not fit its format");
        return wholeConverted(*whole, spec, type);
    }

    static std::string wholeConverted(const Value& whole, Specification spec, char type)
    {
        const std::int64_t digits = std::exchange(spec.precision, -1);
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        if (digits < 0)
            return formatWhole(whole, spec);
        Specification inner = spec; // the precision is the least number of digits
        inner.fill = "0";
        inner.align = '=';
        inner.width = digits + (whole.whole() < 0 || spec.sign != '-' ? 1 : 0);
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

} // namespace

std::string formatPercent(Runtime& runtime, const std::string& pattern, const Value& values)
{
    return PercentFormatter(runtime, pattern, values).take();
}

} // namespace tw::jinja
