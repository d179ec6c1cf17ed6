// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/filters.h"

#include "core/base/text.h"
#include "core/jinja/access.h"
#include "core/jinja/runtime.h"
#include "core/jinja/unicode.h"

#include <algorithm>
#include <cctype>

namespace tw::jinja {
namespace {

/// Jinja takes parts that are all digits as indices.
Value partFrom(const std::string& text)
{
    const bool isIndex = !text.empty() && text.size() < 10
        && std::all_of(
            text.begin(), text.end(),
            [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
    return isIndex ? Value(std::int64_t {std::stoi(text)}) : Value(text);
}

} // namespace

Filter findFilter(std::string_view name)
{
    for (const auto find : {findTextFilter, findSequenceFilter, findSelectionFilter,
                            findValueFilter, findLayoutFilter, findMarkupFilter}) {
        if (const Filter filter = find(name))
            return filter;
    }
    return nullptr;
}

Value applyFilter(Runtime& runtime,
                  const std::string& name,
                  const Value& subject,
                  const Arguments& arguments)
{
    const Filter filter = findFilter(name);
    if (filter == nullptr)
        throw Failure("No filter named '" + name + "'.");
    runtime.step();
    return filter(runtime, subject, arguments);
}

bool applyTest(Runtime& runtime,
               const std::string& name,
               const Value& subject,
               const Arguments& arguments)
{
    const Test test = findTest(name);
    if (test == nullptr)
        throw Failure("No test named '" + name + "'.");
    runtime.step();
    return test(runtime, subject, arguments);
}

AttributePath::AttributePath(const Value* attribute)
{
    if (attribute == nullptr || attribute->isNone())
        return;
    if (!attribute->isText()) {
        m_parts.push_back(*attribute);
        return;
    }
    for (const std::string& part : split(*attribute->text(), '.'))
        m_parts.push_back(partFrom(part));
}

Value AttributePath::of(Runtime& runtime, Value value, const Value* otherwise) const
{
    for (const Value& part : m_parts) {
        value = itemOf(runtime, value, part);
        if (otherwise != nullptr && !otherwise->isNone() && value.isUndefined())
            value = *otherwise;
    }
    return value;
}

Value withoutCase(const Value& value)
{
    return value.isText() ? Value(toUtf8(lower(toCodePoints(*value.text())))) : value;
}

} // namespace tw::jinja
