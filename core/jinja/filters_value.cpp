// SPDX-License-Identifier: Apache-2.0
// Filters on single values: numbers, defaults, JSON.

#include "core/jinja/access.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/format.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"

#include <cmath>

namespace tw::jinja {
namespace {

Value defaulted(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("default", arguments, {"default_value", "boolean"});
    if (!subject.isUndefined() && (!bound.flag(1) || isTrue(subject)))
        return subject;
    return bound[0] == nullptr ? Value("") : *bound[0];
}

/// float(value), or nothing where Python raises TypeError or ValueError.
std::optional<double> asReal(const Value& value)
{
    if (value.isUndefined())
        throw Failure(value.why());
    if (value.isNumber())
        return value.real();
    return value.isText() ? realFromText(*value.text()) : std::nullopt;
}

Value toInt(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("int", arguments, {"default", "base"});
    const Value otherwise = bound[0] == nullptr ? Value(0) : *bound[0];
    if (subject.isWhole())
        return plus(subject);
    if (subject.isText()) {
        if (const auto whole = wholeFromText(*subject.text(), static_cast<int>(bound.whole(1, 10))))
            return *whole;
    }
    const auto real = asReal(subject);
    if (!real)
        return otherwise;
    const auto whole = wholeFromReal(*real);
    if (!whole && subject.isFloat() && !std::isnan(*real)) // Jinja catches it for texts
        throw Failure("infinity is no whole number");
    return whole ? *whole : otherwise;
}

Value toFloat(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("float", arguments, {"default"});
    if (const auto real = asReal(subject))
        return *real;
    return bound[0] == nullptr ? Value(0.0) : *bound[0];
}

Value absolute(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("abs", arguments, {});
    if (!subject.isNumber())
        throw Failure(subject.isUndefined()
                          ? subject.why()
                          : "abs needs a number, not '" + subject.typeName() + "'");
    if (subject.isFloat())
        return std::abs(subject.real());
    return subject.whole() < 0 ? negate(subject) : plus(subject);
}

Value round(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("round", arguments, {"precision", "method"});
    const std::string method = bound.text(1, "common");
    const std::int64_t precision = bound.whole(0, 0);
    if (method == "common")
        return rounded(subject, precision);
    if (method != "ceil" && method != "floor")
        throw Failure("method must be common, ceil or floor");
    if (!subject.isNumber())
        throw Failure("round needs a number, not '" + subject.typeName() + "'");
    const Value unit = power(runtime, 10, precision);
    const double scaled = multiply(runtime, subject, unit).real();
    if (!std::isfinite(scaled))
        throw Failure("the number is too large to be rounded");
    return (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit.real();
}

Value toJsonFilter(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style;
    style.isAscii = bound.flag(0);
    style.sortKeys = bound.flag(3);
    if (bound[1] != nullptr && bound[1]->isText())
        style.indent = *bound[1]->text();
    else if (bound[1] != nullptr && !bound[1]->isNone())
        style.indent = std::string(
            static_cast<std::size_t>(std::clamp<std::int64_t>(bound.whole(1, 0), 0, 1000)), ' ');
    if (bound[2] != nullptr && !bound[2]->isNone()) {
        const std::vector<Value> separators = toVector(runtime, *bound[2]);
        if (separators.size() != 2 || !separators[0].isText() || !separators[1].isText())
            throw Failure("tojson needs two separators, both texts");
        style.itemSeparator = *separators[0].text();
        style.keySeparator = *separators[1].text();
    }
    std::string json = toJson(runtime, subject, style);
    runtime.checkText(json.size());
    return json;
}

Value attr(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("attr", arguments, {"name"}, 1);
    const std::string name = bound.text(0, {});
    if (subject.isUndefined())
        throw Failure(subject.why());
    if (const auto found = pythonAttribute(runtime, subject, name))
        return *found;
    return Value::undefined("'" + subject.typeName() + " object' has no attribute '" + name + "'");
}

Value fileSize(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("filesizeformat", arguments, {"binary"});
    const auto bytes = asReal(subject);
    if (!bytes)
        throw Failure("filesizeformat needs a number");
    const bool isBinary = bound.flag(0);
    const double base = isBinary ? 1024 : 1000;
    if (*bytes == 1)
        return "1 Byte";
    if (*bytes < base)
        return std::to_string(static_cast<std::int64_t>(*bytes)) + " Bytes";
    static constexpr std::string_view kPrefixes = "kMGTPEZY";
    double unit = base;
    std::size_t i = 0;
    for (; i + 1 < kPrefixes.size() && *bytes >= unit * base; ++i)
        unit *= base;
    const char prefix = isBinary && i == 0 ? 'K' : kPrefixes[i];
    return formatValue(runtime, *bytes / unit, ".1f") + " " + prefix + (isBinary ? "iB" : "B");
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"default", defaulted},
    NamedFunction<Filter> {"d", defaulted},
    NamedFunction<Filter> {"int", toInt},
    NamedFunction<Filter> {"float", toFloat},
    NamedFunction<Filter> {"abs", absolute},
    NamedFunction<Filter> {"round", round},
    NamedFunction<Filter> {"tojson", toJsonFilter},
    NamedFunction<Filter> {"attr", attr},
    NamedFunction<Filter> {"filesizeformat", fileSize},
};

} // namespace

Filter findValueFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
