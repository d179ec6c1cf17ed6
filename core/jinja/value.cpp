// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/value.h"

#include "core/jinja/meter.h"
#include "core/jinja/print.h"
#include "core/jinja/runtime.h"
#include "core/jinja/whole.h"

#include <algorithm>
#include <cmath>

namespace tw::jinja {
namespace {

class ListIterator final : public Iterator
{
public:
    explicit ListIterator(Value list)
        : m_list(std::move(list))
    {
    }
    bool next(Runtime& runtime, Value& value) override
    {
        runtime.step();
        const auto& items = m_list.list()->items;
        if (m_at >= items.size())
            return false;
        value = items[m_at++];
        return true;
    }
    int depth() const override { return m_list.depth() + 1; }

private:
    Value m_list;
    std::size_t m_at = 0;
};

class TextIterator final : public Iterator
{
public:
    explicit TextIterator(Value text)
        : m_text(std::move(text))
    {
    }
    bool next(Runtime& runtime, Value& value) override
    {
        runtime.step();
        const std::string& text = *m_text.text();
        if (m_at >= text.size())
            return false;
        std::size_t end = m_at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            ++end;
        value = text.substr(m_at, end - m_at);
        m_at = end;
        return true;
    }

private:
    Value m_text;
    std::size_t m_at = 0;
};

class Generator final : public Iterator
{
public:
    Generator(std::function<bool(Runtime&, Value&)> next, int depth)
        : m_next(std::move(next))
        , m_depth(depth + 1)
    {
    }
    bool next(Runtime& runtime, Value& value) override
    {
        const Runtime::Level level(runtime);
        runtime.step();
        if (!m_isDone && !m_next(runtime, value))
            m_isDone = true;
        return !m_isDone;
    }
    int depth() const override { return m_depth; }

private:
    std::function<bool(Runtime&, Value&)> m_next;
    int m_depth;
    bool m_isDone = false;
};

int checkedDepth(int depth)
{
    if (depth > kMaxValueDepth)
        throw Failure("values are nested more than 300 levels deep");
    return depth;
}

std::size_t bytesOf(const Text& text)
{
    return sizeof text + text.utf8.capacity();
}
std::size_t bytesOf(const List& list)
{
    return sizeof list + list.items.capacity() * sizeof(Value);
}
std::size_t bytesOf(const Dict& dict)
{
    constexpr std::size_t kBytesOfKey = 100; // a text in a hash table
    return sizeof dict + dict.entries().size() * (sizeof(Dict::Entry) + kBytesOfKey);
}

std::size_t bytesOf(const LargeWhole& whole)
{
    return sizeof whole + mpz_size(whole.number.get_mpz_t()) * sizeof(mp_limb_t);
}

/// The value, and its part of the rendering's memory for as long as somebody holds it.
template <typename T>
std::shared_ptr<const T> held(T value)
{
    struct Held
    {
        explicit Held(T&& given)
            : share(bytesOf(given))
            , value(std::move(given))
        {
        }
        Meter::Share share;
        T value;
    };
    const auto holder = std::make_shared<const Held>(std::move(value));
    return {holder, &holder->value};
}

} // namespace

std::optional<Value> Object::attribute(Runtime&, const std::string&)
{
    return std::nullopt;
}

Value Object::call(Runtime& runtime, const Arguments&)
{
    throw Failure(representation(runtime) + " cannot be called");
}

// Here and not in the header: a hundred callers would each carry the code for all kinds of value.
Value::Value() = default;
Value::~Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;

Value::Value(std::string text)
    : m_data(held(Text {std::move(text), false}))
{
}

Value Value::undefined(std::string message)
{
    Value value;
    value.m_data = std::make_shared<const Undefined>(Undefined {std::move(message)});
    return value;
}

Value Value::markup(std::string text)
{
    Value value;
    value.m_data = held(Text {std::move(text), true});
    return value;
}

Value Value::list(std::vector<Value> items, ListKind kind)
{
    if (items.size() > kMaxItems)
        throw Failure("a list grows beyond 400,000 items");
    List list;
    for (const Value& item : items)
        list.depth = std::max(list.depth, checkedDepth(item.depth() + 1));
    list.items = std::move(items);
    list.kind = kind;
    Value value;
    value.m_data = held(std::move(list));
    return value;
}

Value Value::group(Value key, Value items)
{
    const Value pair = tuple({std::move(key), std::move(items)});
    List list = *pair.list();
    list.isGroup = true;
    Value value;
    value.m_data = held(std::move(list));
    return value;
}

Value Value::range(std::int64_t start, std::int64_t stop, std::int64_t stride)
{
    List list;
    list.kind = ListKind::Range;
    list.start = start;
    list.stop = stop;
    list.stride = stride;
    for (std::int64_t at = start; stride > 0 ? at < stop : at > stop;) {
        list.items.emplace_back(at);
        if (__builtin_add_overflow(at, stride, &at))
            break;
    }
    Value value;
    value.m_data = held(std::move(list));
    return value;
}

Value Value::dict(Dict entries)
{
    checkedDepth(entries.depth());
    Value value;
    value.m_data = held(std::move(entries));
    return value;
}

bool Value::isMarkup() const
{
    const auto* text = std::get_if<std::shared_ptr<const Text>>(&m_data);
    return text != nullptr && (*text)->isMarkup;
}

Value Value::large(LargeWhole number)
{
    Value value;
    value.m_data = held(std::move(number));
    return value;
}

std::int64_t Value::whole() const
{
    if (const LargeWhole* number = large())
        return number->number < 0 ? INT64_MIN : INT64_MAX;
    if (!isWhole())
        throw Failure("'" + typeName() + "' is no whole number");
    return isBool() ? static_cast<std::int64_t>(std::get<bool>(m_data))
                    : std::get<std::int64_t>(m_data);
}

double Value::real() const
{
    if (const LargeWhole* number = large())
        return nearestReal(number->number);
    return isFloat() ? std::get<double>(m_data) : static_cast<double>(whole());
}

const LargeWhole* Value::large() const
{
    const auto* number = std::get_if<std::shared_ptr<const LargeWhole>>(&m_data);
    return number == nullptr ? nullptr : number->get();
}

const std::string* Value::text() const
{
    const auto* text = std::get_if<std::shared_ptr<const Text>>(&m_data);
    return text == nullptr ? nullptr : &(*text)->utf8;
}

const List* Value::list() const
{
    const auto* list = std::get_if<std::shared_ptr<const List>>(&m_data);
    return list == nullptr ? nullptr : list->get();
}

const Dict* Value::dict() const
{
    const auto* dict = std::get_if<std::shared_ptr<const Dict>>(&m_data);
    return dict == nullptr ? nullptr : dict->get();
}

Object* Value::object() const
{
    const auto* object = std::get_if<std::shared_ptr<Object>>(&m_data);
    return object == nullptr ? nullptr : object->get();
}

Iterator* Value::iterator() const
{
    const auto* iterator = std::get_if<std::shared_ptr<Iterator>>(&m_data);
    return iterator == nullptr ? nullptr : iterator->get();
}

int Value::depth() const
{
    if (const List* items = list())
        return items->depth;
    if (const Dict* entries = dict())
        return entries->depth();
    if (const Object* thing = object())
        return thing->depth();
    if (const Iterator* walker = iterator())
        return walker->depth();
    return 0;
}

bool Value::isSame(const Value& other) const
{
    if (m_data.index() != other.m_data.index())
        return false;
    if (isText())
        return *text() == *other.text(); // Python keeps equal short texts once
    if (isUndefined())
        return std::get<1>(m_data) == std::get<1>(other.m_data);
    return m_data == other.m_data;
}

std::string Value::typeName() const
{
    static constexpr const char* kNames[] = {"NoneType", "Undefined", "bool", "int",
                                             "float",    "str",       "list", "dict",
                                             "object",   "generator", "int"};
    if (const List* items = list()) {
        static constexpr const char* kLists[] = {"list",      "tuple",       "range",
                                                 "dict_keys", "dict_values", "dict_items"};
        return kLists[static_cast<std::size_t>(items->kind)];
    }
    return kNames[m_data.index()];
}

void Dict::set(const Value& key, Value value)
{
    m_depth = std::max(m_depth, checkedDepth(std::max(key.depth(), value.depth()) + 1));
    const auto [it, isNew] = m_index.emplace(hashKey(key), m_entries.size());
    if (isNew)
        m_entries.emplace_back(key, std::move(value));
    else
        m_entries[it->second].second = std::move(value);
}

const Value* Dict::find(const Value& key) const
{
    const auto it = m_index.find(hashKey(key));
    return it == m_index.end() ? nullptr : &m_entries[it->second].second;
}

const Value* Dict::find(const std::string& key) const
{
    const auto it = m_index.find("t" + key);
    return it == m_index.end() ? nullptr : &m_entries[it->second].second;
}

bool isTrue(const Value& value)
{
    if (value.isNone() || value.isUndefined())
        return false;
    if (value.isFloat())
        return value.real() != 0.0;
    if (value.isWhole())
        return value.whole() != 0;
    if (value.isText())
        return !value.text()->empty();
    if (value.list() != nullptr)
        return !value.list()->items.empty();
    if (value.dict() != nullptr)
        return !value.dict()->entries().empty();
    return true;
}

std::string hashKey(const Value& value)
{
    if (value.isText())
        return "t" + *value.text();
    if (value.isWhole())
        return "i" + wholeText(value);
    if (value.isFloat()) {
        const double number = value.real();
        if (std::floor(number) == number && std::isfinite(number))
            return "i" + wholeText(wholeValue(mpz_class(number)));
        return "f" + floatText(number);
    }
    if (value.isNone())
        return "n";
    if (value.isUndefined())
        return "u";
    const List* list = value.list();
    if (value.dict() != nullptr
        || (list != nullptr && list->kind != ListKind::Tuple && list->kind != ListKind::Range))
        throw Failure("unhashable type: '" + value.typeName() + "'");
    if (list != nullptr) {
        std::string key = "(";
        for (const Value& item : list->items) {
            const std::string part = hashKey(item);
            key += std::to_string(part.size()) + ":" + part;
            if (key.size() > kMaxText)
                throw Failure("a key grows beyond 12 MB");
        }
        return key;
    }
    const void* address =
        value.object() != nullptr ? static_cast<const void*>(value.object()) : value.iterator();
    return "p" + std::to_string(reinterpret_cast<std::uintptr_t>(address));
}

std::shared_ptr<Iterator> iterate(const Value& value)
{
    if (value.list() != nullptr)
        return std::make_shared<ListIterator>(value);
    if (value.isText())
        return std::make_shared<TextIterator>(value);
    if (const Dict* dict = value.dict()) {
        std::vector<Value> keys;
        for (const auto& [key, item] : dict->entries())
            keys.push_back(key);
        return std::make_shared<ListIterator>(Value::list(std::move(keys)));
    }
    if (value.iterator() != nullptr) {
        return generator([value](Runtime& runtime,
                                 Value& item) { return value.iterator()->next(runtime, item); },
                         value.depth());
    }
    if (value.isUndefined())
        return std::make_shared<ListIterator>(Value::list({}));
    throw Failure("'" + value.typeName() + "' cannot be walked over");
}

std::vector<Value> toVector(Runtime& runtime, const Value& value)
{
    if (const List* list = value.list()) {
        runtime.step(list->items.size() / 16);
        return list->items;
    }
    std::vector<Value> items;
    const auto iterator = iterate(value);
    for (Value item; iterator->next(runtime, item);) {
        if (items.size() >= kMaxItems)
            throw Failure("a list grows beyond 400,000 items");
        items.push_back(item);
    }
    return items;
}

std::size_t lengthOf(Runtime& runtime, const Value& value)
{
    if (value.isText()) {
        runtime.checkText(value.text()->size());
        return countPoints(*value.text());
    }
    if (value.list() != nullptr)
        return value.list()->items.size();
    if (value.dict() != nullptr)
        return value.dict()->entries().size();
    if (value.isUndefined())
        return 0;
    throw Failure("'" + value.typeName() + "' has no length");
}

std::shared_ptr<Iterator> generator(std::function<bool(Runtime&, Value&)> next, int depth)
{
    checkedDepth(depth + 1);
    return std::make_shared<Generator>(std::move(next), depth);
}

} // namespace tw::jinja
