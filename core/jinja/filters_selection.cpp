// SPDX-License-Identifier: Apache-2.0
// map, select, reject and their kin: they work only while somebody walks over them.

#include "core/jinja/access.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/runtime.h"

#include <memory>

namespace tw::jinja {
namespace {

using Change = std::function<Value(Runtime&, const Value&)>;

Change attributeChange(const Arguments& arguments)
{
    const Bound bound("map", arguments, {"attribute", "default"});
    const Value otherwise = bound[1] == nullptr ? Value() : *bound[1];
    return [path = AttributePath(bound[0]), otherwise](Runtime& runtime, const Value& item) {
        return path.of(runtime, item, &otherwise);
    };
}

Change filterChange(const Arguments& arguments)
{
    if (arguments.positional.empty() || !arguments.positional.front().isText())
        throw Failure("map requires a filter argument");
    const std::string name = *arguments.positional.front().text();
    Arguments rest = arguments;
    rest.positional.erase(rest.positional.begin());
    return [name, rest](Runtime& runtime, const Value& item) {
        return applyFilter(runtime, name, item, rest);
    };
}

Value map(Runtime&, const Value& subject, const Arguments& arguments)
{
    struct State
    {
        std::shared_ptr<Iterator> source;
        Change change;
    };
    const auto state = std::make_shared<State>();
    return generator(
        [=](Runtime& runtime, Value& value) {
            if (state->source == nullptr) {
                if (!isTrue(subject))
                    return false;
                const bool isAttribute = arguments.positional.empty()
                    && std::any_of(arguments.named.begin(), arguments.named.end(),
                                   [](const auto& argument) {
                                       return argument.first == "attribute";
                                   });
                state->change = isAttribute ? attributeChange(arguments) : filterChange(arguments);
                state->source = iterate(subject);
            }
            Value item;
            if (!state->source->next(runtime, item))
                return false;
            value = state->change(runtime, item);
            return true;
        },
        subject.depth());
}

using Check = std::function<bool(Runtime&, const Value&)>;

/// From arguments [attribute,] [test, arguments of the test...].
Check checkFrom(const Arguments& arguments, bool hasAttribute)
{
    Arguments rest = arguments;
    AttributePath path(nullptr);
    if (hasAttribute) {
        if (rest.positional.empty())
            throw Failure("Missing parameter for attribute name");
        path = AttributePath(rest.positional.data());
        rest.positional.erase(rest.positional.begin());
    }
    if (rest.positional.empty())
        return
            [path](Runtime& runtime, const Value& item) { return isTrue(path.of(runtime, item)); };
    if (!rest.positional.front().isText())
        throw Failure("the name of a test has to be a text");
    const std::string name = *rest.positional.front().text();
    rest.positional.erase(rest.positional.begin());
    return [path, name, rest](Runtime& runtime, const Value& item) {
        return applyTest(runtime, name, path.of(runtime, item), rest);
    };
}

template <bool isKept, bool hasAttribute>
Value select(Runtime&, const Value& subject, const Arguments& arguments)
{
    struct State
    {
        std::shared_ptr<Iterator> source;
        Check check;
    };
    const auto state = std::make_shared<State>();
    return generator(
        [=](Runtime& runtime, Value& value) {
            if (state->source == nullptr) {
                if (!isTrue(subject))
                    return false;
                state->check = checkFrom(arguments, hasAttribute);
                state->source = iterate(subject);
            }
            while (state->source->next(runtime, value)) {
                if (state->check(runtime, value) == isKept)
                    return true;
            }
            return false;
        },
        subject.depth());
}

/// The same conversation gives the same text each time: training needs that more than chance.
Value random(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("random", arguments, {});
    const std::size_t length = lengthOf(runtime, subject);
    if (length == 0)
        return Value::undefined("No random item, sequence was empty.");
    const Value picked = itemOf(runtime, subject, Value::count(runtime.random() % length));
    if (picked.isUndefined())
        throw Failure(picked.why());
    return picked;
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"random", random},
    NamedFunction<Filter> {"map", map},
    NamedFunction<Filter> {"select", select<true, false>},
    NamedFunction<Filter> {"reject", select<false, false>},
    NamedFunction<Filter> {"selectattr", select<true, true>},
    NamedFunction<Filter> {"rejectattr", select<false, true>},
};

} // namespace

Filter findSelectionFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
