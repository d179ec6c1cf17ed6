// SPDX-License-Identifier: Apache-2.0
// {% for %}, and the `loop` variable in it.

#include "core/jinja/statement.h"

#include <deque>

namespace tw::jinja {
namespace {

/// Walks one step ahead only where somebody asks for what comes next.
class LoopState final : public Object, public std::enable_shared_from_this<LoopState>
{
public:
    LoopState(const For& loop,
              ScopePtr scope,
              std::shared_ptr<Iterator> source,
              std::int64_t level,
              bool isRecursive)
        : m_loop(loop)
        , m_scope(std::move(scope))
        , m_source(std::move(source))
        , m_level(level)
        , m_isRecursive(isRecursive)
    {
    }

    bool advance(Runtime& runtime)
    {
        Value next;
        if (!m_ahead.empty()) {
            next = m_ahead.front();
            m_ahead.pop_front();
        } else if (!m_source->next(runtime, next)) {
            return false;
        }
        m_previous = m_index < 0 ? Value::undefined("there is no previous item") : m_current;
        m_current = std::move(next);
        ++m_index;
        return true;
    }
    const Value& current() const { return m_current; }

    std::optional<Value> attribute(Runtime& runtime, const std::string& name) override
    {
        if (name == "index")
            return Value(m_index + 1);
        if (name == "index0")
            return Value(m_index);
        if (name == "first")
            return Value(m_index == 0);
        if (name == "last")
            return Value(!peek(runtime));
        if (name == "length")
            return Value(length(runtime));
        if (name == "revindex")
            return Value(length(runtime) - m_index);
        if (name == "revindex0")
            return Value(length(runtime) - m_index - 1);
        if (name == "previtem")
            return m_previous;
        if (name == "nextitem")
            return peek(runtime) ? m_ahead.front() : Value::undefined("there is no next item");
        if (name == "depth")
            return Value(m_level + 1);
        if (name == "depth0")
            return Value(m_level);
        return method(name);
    }

    bool isCallable() const override { return true; }
    Value call(Runtime& runtime, const Arguments& arguments) override
    {
        if (!m_isRecursive)
            throw Failure("The loop must have the 'recursive' marker to be called recursively.");
        const Bound bound("loop", arguments, {"iterable"}, 1);
        std::string text;
        Output output(runtime, text);
        m_loop.run(runtime, m_scope, output, *bound[0], m_level + 1);
        return text;
    }
    std::string representation(Runtime& runtime) const override
    {
        return "<LoopContext " + std::to_string(m_index + 1) + "/" + std::to_string(length(runtime))
            + ">";
    }

private:
    class LoopMethod final : public Object
    {
    public:
        using Function = Value (LoopState::*)(Runtime&, const Arguments&);
        LoopMethod(std::shared_ptr<LoopState> state, Function function)
            : m_state(std::move(state))
            , m_function(function)
        {
        }
        bool isCallable() const override { return true; }
        Value call(Runtime& runtime, const Arguments& arguments) override
        {
            return ((*m_state).*m_function)(runtime, arguments);
        }
        std::string representation(Runtime&) const override { return "<loop method>"; }

    private:
        std::shared_ptr<LoopState> m_state;
        Function m_function;
    };

    std::optional<Value> method(const std::string& name)
    {
        if (name == "cycle")
            return Value(std::make_shared<LoopMethod>(shared_from_this(), &LoopState::cycle));
        if (name == "changed")
            return Value(std::make_shared<LoopMethod>(shared_from_this(), &LoopState::changed));
        return std::nullopt;
    }

    Value cycle(Runtime&, const Arguments& arguments)
    {
        if (arguments.positional.empty())
            throw Failure("no items for cycling given");
        return arguments
            .positional[static_cast<std::size_t>(m_index) % arguments.positional.size()];
    }

    Value changed(Runtime& runtime, const Arguments& arguments)
    {
        const Value seen = Value::tuple(arguments.positional);
        if (m_seen && areEqual(runtime, *m_seen, seen))
            return false;
        m_seen = seen;
        return true;
    }

    bool peek(Runtime& runtime)
    {
        Value next;
        if (m_ahead.empty() && m_source->next(runtime, next))
            m_ahead.push_back(std::move(next));
        return !m_ahead.empty();
    }

    std::int64_t length(Runtime& runtime) const
    {
        for (Value next; m_source->next(runtime, next);) {
            if (m_ahead.size() >= kMaxItems)
                throw Failure("a list grows beyond 400,000 items");
            m_ahead.push_back(next);
        }
        return m_index + 1 + static_cast<std::int64_t>(m_ahead.size());
    }

    const For& m_loop;
    ScopePtr m_scope;
    std::shared_ptr<Iterator> m_source;
    std::int64_t m_level;
    bool m_isRecursive;
    std::int64_t m_index = -1;
    Value m_current;
    Value m_previous;
    mutable std::deque<Value>
        m_ahead; ///< read early, to know what comes next or how many there are
    std::optional<Value> m_seen;
};

} // namespace

std::shared_ptr<Iterator> For::filtered(const ScopePtr& scope, const Value& iterable) const
{
    std::shared_ptr<Iterator> source = iterate(iterable);
    if (m_parts.condition == nullptr)
        return source;
    return generator(
        [this, source, scope](Runtime& runtime, Value& item) {
            while (source->next(runtime, item)) {
                const ScopePtr inner = enter(runtime, scope, m_conditionLoads);
                assign(runtime, inner, *m_parts.target, item);
                if (isTrue(m_parts.condition->evaluate(runtime, inner)))
                    return true;
            }
            return false;
        },
        iterable.depth());
}

Flow For::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const Value iterable = m_parts.iterable->evaluate(runtime, scope);
    runtime.at(place());
    return run(runtime, scope, output, iterable, 0);
}

Flow For::run(Runtime& runtime,
              const ScopePtr& scope,
              Output& output,
              const Value& iterable,
              std::int64_t level) const
{
    const Runtime::Level deeper(runtime);
    const auto loop = std::make_shared<LoopState>(*this, scope, filtered(scope, iterable), level,
                                                  m_parts.isRecursive);
    auto inner = std::make_shared<Scope>(scope);
    bool hasRun = false;
    while (loop->advance(runtime)) {
        hasRun = true;
        if (inner.use_count() > 1) // a macro of this round still sees it
            inner = std::make_shared<Scope>(scope);
        enterAgain(runtime, *inner, m_bodyLoads);
        inner->set("loop", Value(std::shared_ptr<Object>(loop)));
        assign(runtime, inner, *m_parts.target, loop->current());
        if (m_parts.body.execute(runtime, inner, output) == Flow::Break)
            return Flow::Next;
    }
    if (m_parts.isRecursive)
        output.write(""); // Jinja collects these loops in a text, which may be empty
    if (!hasRun)
        return m_parts.otherwise.execute(runtime, enter(runtime, scope, m_elseLoads), output);
    return Flow::Next;
}

void For::declare(Symbols& frame) const
{
    m_parts.iterable->declare(frame);
}

void For::resolve(const Symbols& frame)
{
    Symbols body(&frame);
    body.parameter("loop");
    declareParameters(body, *m_parts.target);
    m_parts.body.declare(body);
    m_bodyLoads = body.loads();
    m_parts.body.resolve(body);
    Symbols otherwise(&frame);
    m_parts.otherwise.declare(otherwise);
    m_elseLoads = otherwise.loads();
    m_parts.otherwise.resolve(otherwise);
    if (m_parts.condition == nullptr)
        return;
    Symbols condition(&frame);
    declareParameters(condition, *m_parts.target);
    m_parts.condition->declare(condition);
    m_conditionLoads = condition.loads();
}

void For::check(bool isForgiving) const
{
    m_parts.iterable->check(isForgiving);
    if (m_parts.condition != nullptr)
        m_parts.condition->check(false);
    m_parts.body.check(false);
    m_parts.otherwise.check(false);
}

} // namespace tw::jinja
