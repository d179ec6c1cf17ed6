// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/value.h"

namespace tw::jinja {

/// value.name: a method or attribute first, then an entry of that name; nothing of either gives
/// undefined. What would change the value (list.append) is undefined too. Throws Failure where the
/// value is undefined itself.
Value attributeOf(Runtime& runtime, const Value& value, const std::string& name);
/// value[key]: the entry first, then the attribute.
Value itemOf(Runtime& runtime, const Value& value, const Value& key);
/// value[from:to:step]; absent bounds are None.
Value sliceOf(
    Runtime& runtime, const Value& value, const Value& from, const Value& to, const Value& step);
/// What Python's getattr finds, entries of mappings left aside; an unsafe one comes as undefined.
std::optional<Value> pythonAttribute(Runtime& runtime, const Value& value, const std::string& name);
/// Throws Failure where the value cannot be called.
Value callValue(Runtime& runtime, const Value& callee, const Arguments& arguments);

using Method = Value (*)(Runtime& runtime, const Value& self, const Arguments& arguments);

/// The method of that name, or nullptr.
Method findTextMethod(std::string_view name);
Method findContainerMethod(const Value& container, std::string_view name);

/// Steps of a slice over `length` items: first, end, count and stride, as Python's slice.indices()
/// has them.
struct SliceSteps
{
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t count = 0;
    std::int64_t stride = 1;
};
SliceSteps sliceSteps(std::size_t length, const Value& from, const Value& to, const Value& step);

} // namespace tw::jinja
