// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/expression.h"

namespace tw::jinja {

/// Where text goes: into the rendering itself, or into the buffer of a macro or block.
class Output
{
public:
    explicit Output(Runtime& runtime)
        : m_runtime(runtime)
    {
    }
    Output(Runtime& runtime, std::string& buffer)
        : m_runtime(runtime)
        , m_buffer(&buffer)
    {
    }
    void write(const std::string& text);

private:
    Runtime& m_runtime;
    std::string* m_buffer = nullptr;
};

/// What comes after a statement: the next one, or the loop's end or next round.
enum class Flow
{
    Next,
    Break,
    Continue
};

class Statement
{
public:
    explicit Statement(Place place)
        : m_place(place)
    {
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    virtual ~Statement() = default;

    virtual Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const = 0;
    /// See Expression::check().
    virtual void check(bool isForgiving) const = 0;
    Place place() const { return m_place; }

private:
    Place m_place;
};

/// Statements one after the other.
class Body
{
public:
    void add(std::unique_ptr<const Statement> statement)
    {
        m_statements.push_back(std::move(statement));
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const;
    /// The text that the body makes in a scope of its own.
    std::string text(Runtime& runtime, const ScopePtr& scope) const;
    void check(bool isForgiving) const;

private:
    std::vector<std::unique_ptr<const Statement>> m_statements;
};

/// Gives a name, a namespace attribute or a tuple of them its value.
void assign(Runtime& runtime, const ScopePtr& scope, const Expression& target, const Value& value);

class PlainText final : public Statement
{
public:
    PlainText(Place place, std::string text)
        : Statement(place)
        , m_text(std::move(text))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool) const override { }

private:
    std::string m_text;
};

/// {{ expression }}
class Print final : public Statement
{
public:
    explicit Print(ExpressionPtr expression)
        : Statement(expression->place())
        , m_expression(std::move(expression))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override { m_expression->check(isForgiving); }

private:
    ExpressionPtr m_expression;
};

class If final : public Statement
{
public:
    struct Branch
    {
        ExpressionPtr condition;
        Body body;
    };
    If(Place place, std::vector<Branch> branches, Body otherwise)
        : Statement(place)
        , m_branches(std::move(branches))
        , m_otherwise(std::move(otherwise))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override;

private:
    std::vector<Branch> m_branches;
    Body m_otherwise;
};

class For final : public Statement
{
public:
    struct Parts
    {
        ExpressionPtr target;
        ExpressionPtr iterable;
        ExpressionPtr condition; ///< may be absent
        bool isRecursive = false;
        Body body;
        Body otherwise;
    };
    For(Place place, Parts parts)
        : Statement(place)
        , m_parts(std::move(parts))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override;
    Flow run(Runtime& runtime,
             const ScopePtr& scope,
             Output& output,
             const Value& iterable,
             std::int64_t level) const;

private:
    std::shared_ptr<Iterator> filtered(const ScopePtr& scope, const Value& iterable) const;

    Parts m_parts;
};

/// {% break %} and {% continue %}
class Jump final : public Statement
{
public:
    Jump(Place place, Flow flow)
        : Statement(place)
        , m_flow(flow)
    {
    }
    Flow execute(Runtime&, const ScopePtr&, Output&) const override { return m_flow; }
    void check(bool) const override { }

private:
    Flow m_flow;
};

class Set final : public Statement
{
public:
    Set(Place place, ExpressionPtr target, ExpressionPtr value)
        : Statement(place)
        , m_target(std::move(target))
        , m_value(std::move(value))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override { m_value->check(isForgiving); }

private:
    ExpressionPtr m_target;
    ExpressionPtr m_value;
};

/// {% set x | filter %}...{% endset %}, and {% filter f %}...{% endfilter %}, which has no target.
class BlockText final : public Statement
{
public:
    BlockText(Place place,
              ExpressionPtr target,
              std::unique_ptr<const FilterCall> filter,
              Body body)
        : Statement(place)
        , m_target(std::move(target))
        , m_filter(std::move(filter))
        , m_body(std::move(body))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override;

private:
    ExpressionPtr m_target;
    std::unique_ptr<const FilterCall> m_filter;
    Body m_body;
};

/// {% with a = 1 %} and {% block name %}: a scope of its own.
class With final : public Statement
{
public:
    using Pair = std::pair<ExpressionPtr, ExpressionPtr>;
    With(Place place, std::vector<Pair> pairs, Body body)
        : Statement(place)
        , m_pairs(std::move(pairs))
        , m_body(std::move(body))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override;

private:
    std::vector<Pair> m_pairs;
    Body m_body;
};

/// {% generation %}: its text is what the model is trained to say.
class Generation final : public Statement
{
public:
    Generation(Place place, Body body)
        : Statement(place)
        , m_body(std::move(body))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool) const override { m_body.check(false); }

private:
    Body m_body;
};

/// What a macro takes and what it does.
struct MacroParts
{
    struct Parameter
    {
        std::string name;
        ExpressionPtr standard; ///< may be absent
    };
    std::string name;
    std::vector<Parameter> parameters;
    Body body;
    bool usesCaller = false;
    bool usesMore = false; ///< its body reads `varargs`
    bool usesNamed = false; ///< its body reads `kwargs`

    void check() const;
};

/// The macro as a value that can be called; it sees what was in scope where it was defined.
Value makeMacro(Runtime& runtime, const ScopePtr& scope, const MacroParts& parts);

class MacroDefinition final : public Statement
{
public:
    MacroDefinition(Place place, MacroParts parts)
        : Statement(place)
        , m_parts(std::move(parts))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool) const override { m_parts.check(); }

private:
    MacroParts m_parts;
};

/// {% call(x) macro() %}...{% endcall %}
class CallBlock final : public Statement
{
public:
    CallBlock(Place place, std::unique_ptr<const Call> call, MacroParts caller)
        : Statement(place)
        , m_call(std::move(call))
        , m_caller(std::move(caller))
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool isForgiving) const override;

private:
    std::unique_ptr<const Call> m_call;
    MacroParts m_caller;
};

} // namespace tw::jinja
