// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace tw::jinja {

class Runtime;
class Value;
struct Arguments;
struct LargeWhole;

/// What goes wrong while a template runs. The place is added where the template is rendered.
class Failure : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// A name that stands for nothing: prints empty, iterates over nothing, and fails in most other
/// uses.
struct Undefined
{
    std::string message; ///< "'x' is undefined"
};

/// A text, as UTF-8; all that templates count in it are code points.
struct Text
{
    std::string utf8;
    bool isMarkup = false; ///< came through `safe` or `escape`: adding to it escapes what is added
};

/// What Python keeps apart although it walks alike; they print and compare differently.
enum class ListKind
{
    List,
    Tuple,
    Range,
    Keys,
    Values,
    Items
};

struct List
{
    std::vector<Value> items;
    ListKind kind = ListKind::List;
    std::int64_t start = 0; ///< of a Range
    std::int64_t stop = 0;
    std::int64_t stride = 1;
    bool isGroup = false; ///< a Tuple that groupby made: (grouper, list)
    int depth = 1;
};

class Dict;

/// Things with attributes that may be called: functions, macros, bound methods, namespaces, loops.
class Object
{
public:
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;
    virtual std::optional<Value> attribute(Runtime& runtime, const std::string& name);
    virtual bool isCallable() const { return false; }
    virtual Value call(Runtime& runtime, const Arguments& arguments);
    virtual std::string representation(Runtime& runtime) const = 0;
    virtual int depth() const { return 1; }
};

/// Gives values one after the other, once.
class Iterator
{
public:
    Iterator() = default;
    Iterator(const Iterator&) = delete;
    Iterator& operator=(const Iterator&) = delete;
    virtual ~Iterator() = default;
    /// False at the end.
    virtual bool next(Runtime& runtime, Value& value) = 0;
    virtual int depth() const { return 1; }
};

/// A Python-like value. Copies share what they hold, and nothing changes once it is made.
class Value
{
public:
    Value(); ///< None
    ~Value();
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    Value(bool flag)
        : m_data(flag)
    {
    }
    Value(int number)
        : m_data(std::int64_t {number})
    {
    }
    Value(std::int64_t number)
        : m_data(number)
    {
    }
    Value(double number)
        : m_data(number)
    {
    }
    Value(std::string text);
    Value(const char* text)
        : Value(std::string(text))
    {
    }
    Value(std::shared_ptr<Object> object)
        : m_data(std::move(object))
    {
    }
    Value(std::shared_ptr<Iterator> iterator)
        : m_data(std::move(iterator))
    {
    }
    static Value count(std::size_t number) { return static_cast<std::int64_t>(number); }
    static Value undefined(std::string message);
    static Value markup(std::string text);
    /// Throws Failure where values nest too deeply.
    static Value list(std::vector<Value> items, ListKind kind = ListKind::List);
    static Value tuple(std::vector<Value> items) { return list(std::move(items), ListKind::Tuple); }
    static Value group(Value key, Value items);
    static Value range(std::int64_t start, std::int64_t stop, std::int64_t stride);
    static Value dict(Dict entries);
    static Value large(LargeWhole number);

    bool isUndefined() const
    {
        return std::holds_alternative<std::shared_ptr<const Undefined>>(m_data);
    }
    bool isNone() const { return std::holds_alternative<std::monostate>(m_data); }
    bool isBool() const { return std::holds_alternative<bool>(m_data); }
    bool isInt() const
    {
        return std::holds_alternative<std::int64_t>(m_data) || large() != nullptr;
    }
    bool isFloat() const { return std::holds_alternative<double>(m_data); }
    bool isNumber() const { return isBool() || isInt() || isFloat(); }
    bool isWhole() const { return isBool() || isInt(); } ///< what Python's isinstance(x, int) says
    bool isText() const { return text() != nullptr; }
    bool isMarkup() const;

    const std::string& why() const
    {
        return std::get<std::shared_ptr<const Undefined>>(m_data)->message;
    }
    /// Of a Bool or an Int; of one that 64 bits do not hold, the nearest number that they hold.
    std::int64_t whole() const;
    double real() const; ///< of any number; both throw Failure for what is none
    const LargeWhole* large() const; ///< of an Int that 64 bits do not hold
    const std::string* text() const;
    const List* list() const;
    const Dict* dict() const;
    Object* object() const;
    Iterator* iterator() const;
    int depth() const;

    /// The very same object, as Python's `is`.
    bool isSame(const Value& other) const;
    /// "'int'": what Python calls the type, for messages.
    std::string typeName() const;

private:
    std::variant<std::monostate,
                 std::shared_ptr<const Undefined>,
                 bool,
                 std::int64_t,
                 double,
                 std::shared_ptr<const Text>,
                 std::shared_ptr<const List>,
                 std::shared_ptr<const Dict>,
                 std::shared_ptr<Object>,
                 std::shared_ptr<Iterator>,
                 std::shared_ptr<const LargeWhole>>
        m_data;
};

/// Entries in the order in which they came. Keys that compare equal are one key (1, 1.0 and True).
class Dict
{
public:
    using Entry = std::pair<Value, Value>;

    /// Throws Failure where the key is a list or a mapping.
    void set(const Value& key, Value value);
    const Value* find(const Value& key) const;
    const Value* find(const std::string& key) const;
    const std::vector<Entry>& entries() const { return m_entries; }
    int depth() const { return m_depth; }

private:
    std::vector<Entry> m_entries;
    std::unordered_map<std::string, std::size_t> m_index;
    int m_depth = 1;
};

/// Arguments of a call, a filter or a test.
struct Arguments
{
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    bool isEmpty() const { return positional.empty() && named.empty(); }
};

/// Arguments laid over the parameters of a function. Throws Failure for those that do not fit.
class Bound
{
public:
    Bound(const char* function,
          const Arguments& arguments,
          const std::vector<const char*>& names,
          std::size_t required = 0);
    /// The i-th parameter, or nullptr where it was not given.
    const Value* operator[](std::size_t i) const { return m_values[i]; }
    bool flag(std::size_t i) const; ///< absent: false
    std::int64_t whole(std::size_t i, std::int64_t otherwise) const;
    std::string text(std::size_t i, const std::string& otherwise) const;

private:
    const char* m_function;
    std::vector<const Value*> m_values;
};

bool isTrue(const Value& value);
/// A text under which equal values, and only those, are found. Throws Failure for lists and
/// mappings.
std::string hashKey(const Value& value);
bool areEqual(Runtime& runtime, const Value& a, const Value& b);
/// a < b; throws Failure where Python knows no order.
bool isLess(Runtime& runtime, const Value& a, const Value& b);
bool isLessOrEqual(Runtime& runtime, const Value& a, const Value& b);
/// value in container
bool contains(Runtime& runtime, const Value& container, const Value& value);
/// Throws Failure where the value cannot be walked over.
std::shared_ptr<Iterator> iterate(const Value& value);
std::vector<Value> toVector(Runtime& runtime, const Value& value);
/// len(value); throws Failure where there is none.
std::size_t lengthOf(Runtime& runtime, const Value& value);

/// An iterator made of a function that fills the value, or returns false.
std::shared_ptr<Iterator> generator(std::function<bool(Runtime&, Value&)> next, int depth);

} // namespace tw::jinja
