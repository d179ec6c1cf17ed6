// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/access.h"

#include "core/base/text.h"
#include "core/jinja/runtime.h"
#include "core/jinja/whole.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tw::jinja {
namespace {

class BoundMethod final : public Object
{
public:
    BoundMethod(Value self, std::string name, Method method)
        : m_self(std::move(self))
        , m_name(std::move(name))
        , m_method(method)
    {
    }
    bool isCallable() const override { return true; }
    Value call(Runtime& runtime, const Arguments& arguments) override
    {
        return m_method(runtime, m_self, arguments);
    }
    std::string representation(Runtime&) const override
    {
        return "<built-in method " + m_name + " of " + m_self.typeName() + " object>";
    }
    int depth() const override { return m_self.depth() + 1; }

private:
    Value m_self;
    std::string m_name;
    Method m_method;
};

/// Methods that change what they belong to: the sandbox hides them.
bool changesItsOwner(const Value& value, std::string_view name)
{
    static constexpr std::array<std::string_view, 8> kList {"append", "clear", "pop",    "reverse",
                                                            "insert", "sort",  "extend", "remove"};
    static constexpr std::array<std::string_view, 5> kDict {"clear", "pop", "popitem", "setdefault",
                                                            "update"};
    if (value.dict() != nullptr)
        return std::find(kDict.begin(), kDict.end(), name) != kDict.end();
    return value.list() != nullptr && value.list()->kind == ListKind::List
        && std::find(kList.begin(), kList.end(), name) != kList.end();
}

Value isInteger(Runtime&, const Value& self, const Arguments&)
{
    return self.isWhole() || (std::isfinite(self.real()) && std::floor(self.real()) == self.real());
}

Value bitLength(Runtime&, const Value& self, const Arguments&)
{
    return self.whole() == 0 ? 0 : Value::count(mpz_sizeinbase(wholeOf(self).get_mpz_t(), 2));
}

std::optional<Value> numberAttribute(const Value& value, const std::string& name)
{
    if (name == "real" || (value.isWhole() && name == "numerator"))
        return value.isBool() ? Value(value.whole()) : value;
    if (name == "imag")
        return value.isFloat() ? Value(0.0) : Value(0);
    if (value.isWhole() && name == "denominator")
        return Value(1);
    if (value.isFloat() && name == "is_integer")
        return Value(std::make_shared<BoundMethod>(value, name, isInteger));
    if (value.isWhole() && name == "bit_length")
        return Value(std::make_shared<BoundMethod>(value, name, bitLength));
    return std::nullopt;
}

Value nothing(const Value& value, const std::string& name)
{
    return Value::undefined("'" + value.typeName() + " object' has no attribute '" + name + "'");
}

/// Byte offsets of code point `index` and of the one behind it.
std::pair<std::size_t, std::size_t> pointRange(const std::string& text, std::size_t index)
{
    std::size_t at = 0;
    const auto isInner = [&](std::size_t i) {
        return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
    };
    const auto advance = [&] {
        ++at;
        while (isInner(at))
            ++at;
    };
    for (std::size_t i = 0; i < index; ++i)
        advance();
    const std::size_t start = at;
    advance();
    return {start, at};
}

std::optional<Value> indexed(Runtime& runtime, const Value& value, const Value& key)
{
    if (!key.isWhole())
        return std::nullopt;
    const auto length = static_cast<std::int64_t>(lengthOf(runtime, value));
    const std::int64_t at = key.whole() < 0 ? key.whole() + length : key.whole();
    if (at < 0 || at >= length)
        return std::nullopt;
    if (const List* list = value.list())
        return list->items[static_cast<std::size_t>(at)];
    runtime.step(value.text()->size() / 1024);
    const auto [start, end] = pointRange(*value.text(), static_cast<std::size_t>(at));
    return Value(value.text()->substr(start, end - start));
}

bool isView(const Value& value)
{
    return value.list() != nullptr && value.list()->kind >= ListKind::Keys;
}

bool isHashable(const Value& value)
{
    const List* list = value.list();
    if (list != nullptr && list->kind == ListKind::Tuple)
        return std::all_of(list->items.begin(), list->items.end(), isHashable);
    return list == nullptr && value.dict() == nullptr;
}

/// What Python's value[key] finds.
std::optional<Value> pythonItem(Runtime& runtime, const Value& value, const Value& key)
{
    if (const Dict* dict = value.dict()) {
        const Value* found = isHashable(key) ? dict->find(key) : nullptr;
        return found == nullptr ? std::nullopt : std::optional(*found);
    }
    if (value.isText() || (value.list() != nullptr && !isView(value)))
        return indexed(runtime, value, key);
    return std::nullopt;
}

std::optional<std::int64_t> bound(const Value& value)
{
    if (value.isNone())
        return std::nullopt;
    if (!value.isWhole())
        throw Failure("slices need whole numbers or none");
    return value.whole();
}

} // namespace

std::optional<Value> pythonAttribute(Runtime& runtime, const Value& value, const std::string& name)
{
    if (changesItsOwner(value, name))
        return Value::undefined("access to attribute '" + name + "' of '" + value.typeName()
                                + "' object is unsafe.");
    if (Object* object = value.object())
        return object->attribute(runtime, name);
    if (value.isNumber())
        return numberAttribute(value, name);
    if (value.list() != nullptr && value.list()->isGroup && (name == "grouper" || name == "list"))
        return value.list()->items[name == "list" ? 1 : 0];
    const Method method = value.isText() ? findTextMethod(name) : findContainerMethod(value, name);
    if (method == nullptr)
        return std::nullopt;
    return Value(std::make_shared<BoundMethod>(value, name, method));
}

Value attributeOf(Runtime& runtime, const Value& value, const std::string& name)
{
    if (value.isUndefined()) {
        if (name == "__class__" || name == "__len__" || name == "__iter__") // unsafe, not missing
            return nothing(value, name);
        throw Failure(value.why());
    }
    if (const auto found = pythonAttribute(runtime, value, name))
        return *found;
    if (const auto found = pythonItem(runtime, value, name))
        return *found;
    return nothing(value, name);
}

Value itemOf(Runtime& runtime, const Value& value, const Value& key)
{
    if (value.isUndefined())
        throw Failure(value.why());
    if (const auto found = pythonItem(runtime, value, key))
        return *found;
    if (!key.isText())
        return Value::undefined("'" + value.typeName() + " object' has no such element");
    if (const auto found = pythonAttribute(runtime, value, *key.text()))
        return *found;
    return nothing(value, *key.text());
}

SliceSteps sliceSteps(std::size_t length, const Value& from, const Value& to, const Value& step)
{
    SliceSteps steps;
    steps.stride = bound(step).value_or(1);
    if (steps.stride == 0)
        throw Failure("the step of a slice cannot be zero");
    const auto size = static_cast<std::int64_t>(length);
    const bool isBackward = steps.stride < 0;
    const std::int64_t lowest = isBackward ? -1 : 0;
    const std::int64_t highest = isBackward ? size - 1 : size;
    const auto clamped = [&](const Value& value, std::int64_t otherwise) {
        const auto given = bound(value);
        if (!given)
            return otherwise;
        const std::int64_t at = *given < 0 ? std::max(*given, -size - 1) + size : *given;
        return std::clamp(at, lowest, highest);
    };
    steps.start = clamped(from, isBackward ? highest : lowest);
    steps.stop = clamped(to, isBackward ? lowest : highest);
    const std::int64_t distance = isBackward ? steps.start - steps.stop : steps.stop - steps.start;
    // A stride beyond the length takes one item; this also keeps the arithmetic from overflowing.
    const std::int64_t width = isBackward ? (steps.stride < -size - 1 ? size + 1 : -steps.stride)
                                          : std::min(steps.stride, size + 1);
    steps.stride = isBackward ? -width : width;
    steps.count = distance <= 0 ? 0 : (distance - 1) / width + 1;
    return steps;
}

Value sliceOf(
    Runtime& runtime, const Value& value, const Value& from, const Value& to, const Value& step)
{
    if (value.isUndefined())
        throw Failure(value.why());
    const bool isSequence = value.isText() || (value.list() != nullptr && !isView(value));
    if (!isSequence)
        throw Failure("'" + value.typeName() + "' cannot be sliced");
    const SliceSteps steps = sliceSteps(lengthOf(runtime, value), from, to, step);
    const auto at = [&](std::int64_t i) {
        return static_cast<std::size_t>(steps.start + i * steps.stride);
    };
    if (const std::string* text = value.text()) {
        runtime.checkText(text->size());
        const std::u32string points = toCodePoints(*text);
        std::u32string out;
        for (std::int64_t i = 0; i < steps.count; ++i)
            out += points[at(i)];
        return toUtf8(out);
    }
    const List& list = *value.list();
    runtime.step(static_cast<std::size_t>(steps.count));
    if (list.kind == ListKind::Range) {
        const auto member = [&](std::int64_t i) {
            std::int64_t place = 0;
            if (__builtin_mul_overflow(list.stride, i, &place)
                || __builtin_add_overflow(place, list.start, &place))
                throw Failure("a whole number grows beyond 64 bits");
            return place;
        };
        const std::int64_t stride = member(steps.stride) - list.start;
        return Value::range(member(steps.start), member(steps.stop), stride);
    }
    std::vector<Value> out;
    for (std::int64_t i = 0; i < steps.count; ++i)
        out.push_back(list.items[at(i)]);
    return Value::list(std::move(out), list.kind);
}

Value callValue(Runtime& runtime, const Value& callee, const Arguments& arguments)
{
    if (callee.isUndefined())
        throw Failure(callee.why());
    if (callee.object() == nullptr || !callee.object()->isCallable())
        throw Failure("'" + callee.typeName() + "' cannot be called");
    const Runtime::Level level(runtime);
    runtime.step();
    // A macro may set the name that it is called by: the copy keeps it alive.
    const Value kept = callee;
    return kept.object()->call(runtime, arguments);
}

} // namespace tw::jinja
