// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/access.h"
#include "core/jinja/runtime.h"

#include <algorithm>
#include <array>

namespace tw::jinja {
namespace {

Value dictGet(Runtime&, const Value& self, const Arguments& arguments)
{
    if (!arguments.named.empty())
        throw Failure("get() takes no keyword arguments");
    const Bound bound("get", arguments, {"key", "default"}, 1);
    const Value* found = self.dict()->find(*bound[0]);
    if (found != nullptr)
        return *found;
    return bound[1] == nullptr ? Value() : *bound[1];
}

Value dictItems(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("items", arguments, {});
    std::vector<Value> items;
    for (const auto& [key, value] : self.dict()->entries())
        items.push_back(Value::tuple({key, value}));
    runtime.step(items.size());
    return Value::list(std::move(items), ListKind::Items);
}

Value dictKeys(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("keys", arguments, {});
    std::vector<Value> items;
    for (const auto& entry : self.dict()->entries())
        items.push_back(entry.first);
    runtime.step(items.size());
    return Value::list(std::move(items), ListKind::Keys);
}

Value dictValues(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("values", arguments, {});
    std::vector<Value> items;
    for (const auto& entry : self.dict()->entries())
        items.push_back(entry.second);
    runtime.step(items.size());
    return Value::list(std::move(items), ListKind::Values);
}

Value copy(Runtime&, const Value& self, const Arguments& arguments)
{
    const Bound bound("copy", arguments, {});
    return self;
}

Value listIndex(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("index", arguments, {"value", "start", "stop"}, 1);
    const auto& items = self.list()->items;
    const Value from = bound[1] == nullptr ? Value() : *bound[1];
    const Value to = bound[2] == nullptr ? Value() : *bound[2];
    const SliceSteps steps = sliceSteps(items.size(), from, to, Value());
    for (std::int64_t i = 0; i < steps.count; ++i) {
        if (areEqual(runtime, items[static_cast<std::size_t>(steps.start + i)], *bound[0]))
            return steps.start + i;
    }
    throw Failure("the value is not in the list");
}

Value listCount(Runtime& runtime, const Value& self, const Arguments& arguments)
{
    const Bound bound("count", arguments, {"value"}, 1);
    std::int64_t count = 0;
    for (const Value& item : self.list()->items)
        count += areEqual(runtime, item, *bound[0]) ? 1 : 0;
    return count;
}

struct Named
{
    std::string_view name;
    Method method;
};

template <std::size_t size>
Method find(const std::array<Named, size>& methods, std::string_view name)
{
    for (const Named& known : methods) {
        if (known.name == name)
            return known.method;
    }
    return nullptr;
}

} // namespace

Method findContainerMethod(const Value& container, std::string_view name)
{
    static constexpr std::array kDict {
        Named {"get", dictGet},       Named {"items", dictItems}, Named {"keys", dictKeys},
        Named {"values", dictValues}, Named {"copy", copy},
    };
    static constexpr std::array kList {Named {"index", listIndex}, Named {"count", listCount}};
    if (container.dict() != nullptr)
        return find(kDict, name);
    if (container.list() == nullptr || container.list()->kind >= ListKind::Keys)
        return nullptr;
    if (container.list()->kind == ListKind::List && name == "copy")
        return copy;
    return find(kList, name);
}

} // namespace tw::jinja
