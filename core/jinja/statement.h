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
    /// Tells the frame that the statement stands in which names it reads and sets there, in order.
    virtual void declare(Symbols& frame) const = 0;
    /// Once that frame knows all its names: works out the frames that the statement itself opens.
    virtual void resolve(const Symbols& frame) = 0;
    Place place() const { return m_place; }

private:
    Place m_place;
};

/// Statements one after the other.
class Body
{
public:
    void add(std::unique_ptr<Statement> statement) { m_statements.push_back(std::move(statement)); }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const;
    void check(bool isForgiving) const;
    void declare(Symbols& frame) const;
    void resolve(const Symbols& frame);

private:
    std::vector<std::unique_ptr<Statement>> m_statements;
};

/// The scope of a frame that is entered: its names as they are then.
ScopePtr enter(Runtime& runtime, const ScopePtr& outer, const NameLoads& loads);
/// The same for a scope that is used again.
void enterAgain(Runtime& runtime, Scope& scope, const NameLoads& loads);

/// Tells the frame which names a target sets, or reads to set their attributes.
void declareTarget(Symbols& frame, const Expression& target);
void declareParameters(Symbols& frame, const Expression& target);
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
    void declare(Symbols&) const override { }
    void resolve(const Symbols&) override { }

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
    void declare(Symbols& frame) const override { m_expression->declare(frame); }
    void resolve(const Symbols&) override { }

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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols& frame) override;

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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols& frame) override;
    Flow run(Runtime& runtime,
             const ScopePtr& scope,
             Output& output,
             const Value& iterable,
             std::int64_t level) const;

private:
    std::shared_ptr<Iterator> filtered(const ScopePtr& scope, const Value& iterable) const;

    Parts m_parts;
    NameLoads m_bodyLoads;
    NameLoads m_conditionLoads;
    NameLoads m_elseLoads;
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
    void declare(Symbols&) const override { }
    void resolve(const Symbols&) override { }

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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols&) override { }

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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols& frame) override;

private:
    ExpressionPtr m_target;
    std::unique_ptr<const FilterCall> m_filter;
    Body m_body;
    NameLoads m_loads;
};

/// {% block name %}: sees the variables of the whole template, not those of the loops around it,
/// unless it is scoped.
class NamedBlock final : public Statement
{
public:
    NamedBlock(Place place, Body body, bool isScoped)
        : Statement(place)
        , m_body(std::move(body))
        , m_isScoped(isScoped)
    {
    }
    Flow execute(Runtime& runtime, const ScopePtr& scope, Output& output) const override;
    void check(bool) const override { m_body.check(false); }
    void declare(Symbols&) const override { }
    void resolve(const Symbols& frame) override;

private:
    Body m_body;
    bool m_isScoped;
    NameLoads m_loads;
};

/// {% with a = 1 %}: a scope of its own.
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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols& frame) override;

private:
    std::vector<Pair> m_pairs;
    Body m_body;
    NameLoads m_loads;
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
    void declare(Symbols&) const override { }
    void resolve(const Symbols& frame) override;

private:
    Body m_body;
    NameLoads m_loads;
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

    NameLoads loads;

    void check() const;
    void resolve(const Symbols& frame);
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
    void declare(Symbols& frame) const override { frame.store(m_parts.name); }
    void resolve(const Symbols& frame) override { m_parts.resolve(frame); }

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
    void declare(Symbols& frame) const override;
    void resolve(const Symbols& frame) override;

private:
    std::unique_ptr<const Call> m_call;
    MacroParts m_caller;
};

} // namespace tw::jinja
