// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

using Filter = Value (*)(Runtime& runtime, const Value& subject, const Arguments& arguments);
using Test = bool (*)(Runtime& runtime, const Value& subject, const Arguments& arguments);

/// The filter or test of that name, or nullptr.
Filter findFilter(std::string_view name);
Test findTest(std::string_view name);
/// Throw Failure where there is none of that name.
Value applyFilter(Runtime& runtime,
                  const std::string& name,
                  const Value& subject,
                  const Arguments& arguments);
bool applyTest(Runtime& runtime,
               const std::string& name,
               const Value& subject,
               const Arguments& arguments);

// By what they work on; each returns nullptr for names it does not know.
Filter findTextFilter(std::string_view name);
Filter findSequenceFilter(std::string_view name);
Filter findSelectionFilter(std::string_view name);
Filter findValueFilter(std::string_view name);
Filter findLayoutFilter(std::string_view name);
Filter findMarkupFilter(std::string_view name);

/// What a filter's `attribute` argument leads to: "a.b.0" item by item.
class AttributePath
{
public:
    explicit AttributePath(const Value* attribute);
    Value of(Runtime& runtime, Value value, const Value* otherwise = nullptr) const;

private:
    std::vector<Value> m_parts;
};

/// For sorting and comparing without case: texts in lower case, the rest as it is.
Value withoutCase(const Value& value);

} // namespace tw::jinja
