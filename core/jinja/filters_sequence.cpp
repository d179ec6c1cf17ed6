// SPDX-License-Identifier: Apache-2.0
// Filters that walk over lists and mappings.

#include "core/base/text.h"
#include "core/jinja/access.h"
#include "core/jinja/filter_table.h"
#include "core/jinja/operators.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"

#include <functional>
#include <memory>
#include <unordered_set>

namespace tw::jinja {
namespace {

/// A value beside the key that it is sorted by.
struct Keyed
{
    Value key;
    Value value;
};

std::vector<Value> sortedBy(Runtime& runtime, std::vector<Keyed> items, bool isReversed)
{
    // As Python, equal ones keep their order in both directions.
    std::stable_sort(items.begin(), items.end(), [&](const Keyed& a, const Keyed& b) {
        return isReversed ? isLess(runtime, b.key, a.key) : isLess(runtime, a.key, b.key);
    });
    std::vector<Value> values;
    for (Keyed& item : items)
        values.push_back(std::move(item.value));
    return values;
}

/// Values one after the other, made already.
Value iteratorOver(std::vector<Value> values)
{
    return iterate(Value::list(std::move(values)));
}

Value length(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("length", arguments, {});
    return Value::count(lengthOf(runtime, subject));
}

Value list(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("list", arguments, {});
    return Value::list(toVector(runtime, subject));
}

Value first(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("first", arguments, {});
    const auto iterator = iterate(subject);
    Value value;
    return iterator->next(runtime, value) ? value
                                          : Value::undefined("No first item, sequence was empty.");
}

Value last(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("last", arguments, {});
    if (subject.iterator() != nullptr)
        throw Failure("a generator cannot be walked from its end");
    const std::vector<Value> items = toVector(runtime, subject);
    return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.back();
}

Value reverse(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("reverse", arguments, {});
    std::vector<Value> items = toVector(runtime, subject);
    std::reverse(items.begin(), items.end());
    if (subject.iterator() != nullptr)
        return Value::list(std::move(items));
    if (!subject.isText())
        return iteratorOver(std::move(items));
    std::string out;
    for (const Value& item : items)
        out += *item.text();
    return out;
}

Value join(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("join", arguments, {"d", "attribute"});
    const AttributePath path(bound[1]);
    const std::string separator = bound[0] == nullptr ? std::string {} : toText(runtime, *bound[0]);
    std::string out;
    bool isFirst = true;
    for (const Value& item : toVector(runtime, subject)) {
        out += std::exchange(isFirst, false) ? std::string {} : separator;
        out += toText(runtime, path.of(runtime, item));
        Runtime::limitText(out.size());
    }
    runtime.checkText(out.size());
    return out;
}

/// sort(attribute="a,b"): a list of keys, compared one after the other.
Value sortKey(Runtime& runtime,
              const Value& item,
              const std::vector<AttributePath>& paths,
              bool isCaseSensitive)
{
    std::vector<Value> keys;
    for (const AttributePath& path : paths) {
        const Value key = path.of(runtime, item);
        keys.push_back(isCaseSensitive ? key : withoutCase(key));
    }
    return Value::list(std::move(keys));
}

Value sort(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("sort", arguments, {"reverse", "case_sensitive", "attribute"});
    std::vector<AttributePath> paths;
    if (bound[2] != nullptr && bound[2]->isText()) {
        for (const std::string& part : split(*bound[2]->text(), ',')) {
            const Value attribute = part;
            paths.emplace_back(&attribute);
        }
    } else {
        paths.emplace_back(bound[2]);
    }
    std::vector<Keyed> items;
    for (const Value& item : toVector(runtime, subject))
        items.push_back({sortKey(runtime, item, paths, bound.flag(1)), item});
    return Value::list(sortedBy(runtime, std::move(items), bound.flag(0)));
}

Value dictSort(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("dictsort", arguments, {"case_sensitive", "by", "reverse"});
    const std::string by = bound.text(1, "key");
    if (by != "key" && by != "value")
        throw Failure("dictsort sorts by \"key\" or by \"value\"");
    if (subject.dict() == nullptr)
        throw Failure(subject.isUndefined() ? subject.why() : "dictsort needs a mapping");
    std::vector<Keyed> items;
    for (const auto& [key, value] : subject.dict()->entries()) {
        const Value& chosen = by == "key" ? key : value;
        items.push_back({bound.flag(0) ? chosen : withoutCase(chosen), Value::tuple({key, value})});
    }
    return Value::list(sortedBy(runtime, std::move(items), bound.flag(2)));
}

Value unique(Runtime&, const Value& subject, const Arguments& arguments)
{
    const Bound bound("unique", arguments, {"case_sensitive", "attribute"});
    const bool isCaseSensitive = bound.flag(0);
    const AttributePath path(bound[1]);
    const std::shared_ptr<Iterator> source = iterate(subject);
    const auto seen = std::make_shared<std::unordered_set<std::string>>();
    return generator(
        [=](Runtime& run, Value& value) {
            while (source->next(run, value)) {
                const Value key = path.of(run, value);
                if (seen->insert(hashKey(isCaseSensitive ? key : withoutCase(key))).second)
                    return true;
            }
            return false;
        },
        subject.depth());
}

template <bool isMaximum>
Value extreme(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound(isMaximum ? "max" : "min", arguments, {"case_sensitive", "attribute"});
    const AttributePath path(bound[1]);
    const auto keyOf = [&](const Value& item) {
        const Value key = path.of(runtime, item);
        return bound.flag(0) ? key : withoutCase(key);
    };
    const std::vector<Value> items = toVector(runtime, subject);
    if (items.empty())
        return Value::undefined("No aggregated item, sequence was empty.");
    Value best = items.front();
    Value bestKey = keyOf(best);
    for (std::size_t i = 1; i < items.size(); ++i) {
        Value key = keyOf(items[i]);
        if (isMaximum ? isLess(runtime, bestKey, key) : isLess(runtime, key, bestKey)) {
            best = items[i];
            bestKey = std::move(key);
        }
    }
    return best;
}

Value sum(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("sum", arguments, {"attribute", "start"});
    const AttributePath path(bound[0]);
    Value total = bound[1] == nullptr ? Value(0) : *bound[1];
    if (total.isText())
        throw Failure("sum cannot add texts; use join");
    for (const Value& item : toVector(runtime, subject))
        total = add(runtime, total, path.of(runtime, item));
    return total;
}

/// Values that are made when somebody first asks for one, as a Python generator makes them.
Value madeLater(std::function<std::vector<Value>(Runtime&)> make, int depth)
{
    return generator(
        [make = std::move(make), made = std::shared_ptr<Iterator>()](Runtime& runtime,
                                                                     Value& value) mutable {
            if (made == nullptr)
                made = iterate(Value::list(make(runtime)));
            return made->next(runtime, value);
        },
        depth + 1);
}

std::vector<Value> batches(Runtime& runtime, const Value& subject, const Bound& bound)
{
    const std::int64_t size = bound.whole(0, 1);
    std::vector<Value> lines;
    std::vector<Value> line;
    for (const Value& item : toVector(runtime, subject)) {
        if (static_cast<std::int64_t>(line.size()) == size)
            lines.push_back(Value::list(std::exchange(line, {})));
        line.push_back(item);
    }
    if (line.empty())
        return lines;
    const bool isFilled = bound[1] != nullptr && !bound[1]->isNone();
    while (isFilled && static_cast<std::int64_t>(line.size()) < size && line.size() <= kMaxItems)
        line.push_back(*bound[1]);
    lines.push_back(Value::list(std::move(line)));
    return lines;
}

Value batch(Runtime&, const Value& subject, const Arguments& arguments)
{
    static const std::vector<const char*> kNames {"linecount", "fill_with"};
    const Bound checked("batch", arguments, kNames, 1);
    return madeLater(
        [subject, arguments](Runtime& runtime) {
            return batches(runtime, subject, Bound("batch", arguments, kNames, 1));
        },
        subject.depth());
}

std::vector<Value> slices(Runtime& runtime, const Value& subject, const Bound& bound)
{
    const std::vector<Value> items = toVector(runtime, subject);
    const std::int64_t wanted = bound.whole(0, 1);
    if (wanted == 0 || wanted > static_cast<std::int64_t>(kMaxItems))
        throw Failure("slice needs a number of slices from 1 to 400,000");
    const auto count = static_cast<std::int64_t>(items.size());
    std::vector<Value> parts;
    for (std::int64_t i = 0, at = 0; i < wanted; ++i) {
        const bool hasExtra = i < count % wanted;
        const std::int64_t end = at + count / wanted + (hasExtra ? 1 : 0);
        std::vector<Value> part(items.begin() + at, items.begin() + end);
        if (bound[1] != nullptr && !bound[1]->isNone() && !hasExtra)
            part.push_back(*bound[1]);
        parts.push_back(Value::list(std::move(part)));
        at = end;
    }
    return parts;
}

Value slice(Runtime&, const Value& subject, const Arguments& arguments)
{
    static const std::vector<const char*> kNames {"slices", "fill_with"};
    const Bound checked("slice", arguments, kNames, 1);
    return madeLater(
        [subject, arguments](Runtime& runtime) {
            return slices(runtime, subject, Bound("slice", arguments, kNames, 1));
        },
        subject.depth());
}

Value groupBy(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1);
    const AttributePath path(bound[0]);
    const auto keyOf = [&](const Value& item) {
        const Value key = path.of(runtime, item, bound[1]);
        return bound.flag(2) ? key : withoutCase(key);
    };
    std::vector<Keyed> keyed;
    for (const Value& item : toVector(runtime, subject))
        keyed.push_back({keyOf(item), item});
    std::vector<Value> groups;
    std::vector<Value> group;
    const auto flush = [&] {
        if (!group.empty()) {
            const Value key = path.of(runtime, group.front(), bound[1]);
            groups.push_back(Value::group(key, Value::list(std::exchange(group, {}))));
        }
    };
    for (const Value& item : sortedBy(runtime, std::move(keyed), false)) {
        if (!group.empty() && !areEqual(runtime, keyOf(group.front()), keyOf(item)))
            flush();
        group.push_back(item);
    }
    flush();
    return Value::list(std::move(groups));
}

Value items(Runtime& runtime, const Value& subject, const Arguments& arguments)
{
    const Bound bound("items", arguments, {});
    if (subject.isUndefined())
        return iteratorOver({});
    if (subject.dict() == nullptr) // Jinja finds out only when it walks
        return generator(
            [](Runtime&, Value&) -> bool {
                throw Failure("Can only get item pairs from a mapping.");
            },
            1);
    return iterate(findContainerMethod(subject, "items")(runtime, subject, {}));
}

constexpr std::array kFilters {
    NamedFunction<Filter> {"length", length},
    NamedFunction<Filter> {"count", length},
    NamedFunction<Filter> {"list", list},
    NamedFunction<Filter> {"first", first},
    NamedFunction<Filter> {"last", last},
    NamedFunction<Filter> {"reverse", reverse},
    NamedFunction<Filter> {"join", join},
    NamedFunction<Filter> {"sort", sort},
    NamedFunction<Filter> {"dictsort", dictSort},
    NamedFunction<Filter> {"unique", unique},
    NamedFunction<Filter> {"min", extreme<false>},
    NamedFunction<Filter> {"max", extreme<true>},
    NamedFunction<Filter> {"sum", sum},
    NamedFunction<Filter> {"batch", batch},
    NamedFunction<Filter> {"slice", slice},
    NamedFunction<Filter> {"groupby", groupBy},
    NamedFunction<Filter> {"items", items},
};

} // namespace

Filter findSequenceFilter(std::string_view name)
{
    return findIn(kFilters, name);
}

} // namespace tw::jinja
