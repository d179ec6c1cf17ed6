// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/globals.h"

#include "core/jinja/format.h"
#include "core/jinja/print.h"

namespace tw::jinja {
namespace {

class Function final : public Object
{
public:
    using Body = Value (*)(Runtime&, const Arguments&);
    Function(std::string name, Body body)
        : m_name(std::move(name))
        , m_body(body)
    {
    }
    bool isCallable() const override { return true; }
    Value call(Runtime& runtime, const Arguments& arguments) override
    {
        return m_body(runtime, arguments);
    }
    std::string representation(Runtime&) const override { return "<function " + m_name + ">"; }

private:
    std::string m_name;
    Body m_body;
};

Value range(Runtime& runtime, const Arguments& arguments)
{
    constexpr std::int64_t kLongest = 100'000; // the sandbox's own limit
    if (!arguments.named.empty())
        throw Failure("range() takes no keyword arguments");
    const Bound bound("range", arguments, {"start", "stop", "step"}, 1);
    const std::int64_t start = bound[1] == nullptr ? 0 : bound.whole(0, 0);
    const std::int64_t stop = bound[1] == nullptr ? bound.whole(0, 0) : bound.whole(1, 0);
    const std::int64_t step = bound.whole(2, 1);
    if (step == 0)
        throw Failure("range() arg 3 must not be zero");
    // In reals: close enough for a limit, and without overflow.
    const double count =
        (static_cast<double>(stop) - static_cast<double>(start)) / static_cast<double>(step);
    if (count > static_cast<double>(kLongest))
        throw Failure("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    runtime.step(count > 0 ? static_cast<std::size_t>(count) / 16 : 0);
    return Value::range(start, stop, step);
}

/// dict(mapping or pairs, name=value, ...)
Dict dictFrom(Runtime& runtime, const Arguments& arguments)
{
    Dict dict;
    if (arguments.positional.size() > 1)
        throw Failure("dict() takes at most one argument without a name");
    if (!arguments.positional.empty()) {
        const Value& source = arguments.positional.front();
        if (source.dict() != nullptr) {
            dict = *source.dict();
        } else {
            for (const Value& pair : toVector(runtime, source)) {
                const std::vector<Value> parts = toVector(runtime, pair);
                if (parts.size() != 2)
                    throw Failure("dict() needs pairs of key and value");
                dict.set(parts[0], parts[1]);
            }
        }
    }
    for (const auto& [name, value] : arguments.named)
        dict.set(name, value);
    return dict;
}

Value makeDict(Runtime& runtime, const Arguments& arguments)
{
    return Value::dict(dictFrom(runtime, arguments));
}

Value makeNamespace(Runtime& runtime, const Arguments& arguments)
{
    const Dict names = dictFrom(runtime, arguments);
    const auto made = runtime.makeNamespace();
    for (const auto& [key, value] : names.entries())
        made->set(key, value);
    return Value(std::shared_ptr<Object>(made));
}

Value raiseException(Runtime& runtime, const Arguments& arguments)
{
    const Bound bound("raise_exception", arguments, {"message"}, 1);
    throw Failure(toText(runtime, *bound[0]));
}

Value timeNow(Runtime& runtime, const Arguments& arguments)
{
    const Bound bound("strftime_now", arguments, {"format"}, 1);
    return formatTime(runtime.now(), bound.text(0, {}));
}

class Cycler final : public Object, public std::enable_shared_from_this<Cycler>
{
public:
    explicit Cycler(std::vector<Value> items)
        : m_items(std::move(items))
    {
    }
    std::optional<Value> attribute(Runtime&, const std::string& name) override;
    std::string representation(Runtime&) const override { return "<Cycler>"; }
    Value next()
    {
        const Value current = m_items[m_at];
        m_at = (m_at + 1) % m_items.size();
        return current;
    }
    void reset() { m_at = 0; }

private:
    std::vector<Value> m_items;
    std::size_t m_at = 0;
};

class CyclerMethod final : public Object
{
public:
    CyclerMethod(std::shared_ptr<Cycler> cycler, bool isReset)
        : m_cycler(std::move(cycler))
        , m_isReset(isReset)
    {
    }
    bool isCallable() const override { return true; }
    Value call(Runtime&, const Arguments& arguments) override
    {
        const Bound bound("cycler", arguments, {});
        if (!m_isReset)
            return m_cycler->next();
        m_cycler->reset();
        return {};
    }
    std::string representation(Runtime&) const override { return "<method of Cycler>"; }

private:
    std::shared_ptr<Cycler> m_cycler;
    bool m_isReset;
};

std::optional<Value> Cycler::attribute(Runtime&, const std::string& name)
{
    if (name == "current")
        return m_items[m_at];
    if (name == "next" || name == "reset")
        return Value(std::shared_ptr<Object>(
            std::make_shared<CyclerMethod>(shared_from_this(), name == "reset")));
    return std::nullopt;
}

Value makeCycler(Runtime&, const Arguments& arguments)
{
    if (arguments.positional.empty() || !arguments.named.empty())
        throw Failure("cycler() needs at least one item");
    const Value checked = Value::list(arguments.positional); // refuses what nests too deeply
    return Value(std::shared_ptr<Object>(std::make_shared<Cycler>(checked.list()->items)));
}

class Joiner final : public Object
{
public:
    explicit Joiner(std::string separator)
        : m_separator(std::move(separator))
    {
    }
    bool isCallable() const override { return true; }
    Value call(Runtime&, const Arguments& arguments) override
    {
        const Bound bound("joiner", arguments, {});
        return std::exchange(m_isUsed, true) ? m_separator : std::string {};
    }
    std::string representation(Runtime&) const override { return "<Joiner>"; }

private:
    std::string m_separator;
    bool m_isUsed = false;
};

Value makeJoiner(Runtime&, const Arguments& arguments)
{
    const Bound bound("joiner", arguments, {"sep"});
    return Value(std::shared_ptr<Object>(std::make_shared<Joiner>(bound.text(0, ", "))));
}

} // namespace

void addGlobals(Scope& scope)
{
    const auto add = [&](const char* name, Function::Body body) {
        scope.set(name, Value(std::shared_ptr<Object>(std::make_shared<Function>(name, body))));
    };
    add("range", range);
    add("dict", makeDict);
    add("namespace", makeNamespace);
    add("raise_exception", raiseException);
    add("strftime_now", timeNow);
    add("cycler", makeCycler);
    add("joiner", makeJoiner);
}

} // namespace tw::jinja
