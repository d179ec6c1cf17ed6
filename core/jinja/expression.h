// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/runtime.h"
#include "core/jinja/symbols.h"

#include <array>

namespace tw::jinja {

/// Parts of a template that have a value. Built by the parser, read by any number of threads.
class Expression
{
public:
    explicit Expression(Place place)
        : m_place(place)
    {
    }
    Expression(const Expression&) = delete;
    Expression& operator=(const Expression&) = delete;
    virtual ~Expression() = default;

    Value evaluate(Runtime& runtime, const std::shared_ptr<Scope>& scope) const;
    /// Looks for filters and tests that do not exist. Jinja forgives them inside conditions only.
    virtual void check(bool isForgiving) const = 0;
    /// Tells the frame which names are read here.
    virtual void declare(Symbols& frame) const = 0;
    Place place() const { return m_place; }
    int depth() const { return m_depth; }

protected:
    virtual Value value(Runtime& runtime, const std::shared_ptr<Scope>& scope) const = 0;
    /// Every child has to be announced: trees that are too deep for the stack are refused.
    void contains(const Expression* child);
    [[noreturn]] void refuse(const std::string& what) const;

private:
    Place m_place;
    int m_depth = 1;
};

using ExpressionPtr = std::unique_ptr<const Expression>;
using ScopePtr = std::shared_ptr<Scope>;

class Constant final : public Expression
{
public:
    Constant(Place place, Value value)
        : Expression(place)
        , m_value(std::move(value))
    {
    }
    void check(bool) const override { }
    void declare(Symbols&) const override { }

protected:
    Value value(Runtime&, const ScopePtr&) const override { return m_value; }

private:
    Value m_value;
};

class Name final : public Expression
{
public:
    Name(Place place, std::string name)
        : Expression(place)
        , m_name(std::move(name))
    {
    }
    const std::string& name() const { return m_name; }
    void check(bool) const override { }
    void declare(Symbols& frame) const override { frame.read(m_name); }

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    std::string m_name;
};

/// ns.name as the target of a set.
class NamespaceTarget final : public Expression
{
public:
    NamespaceTarget(Place place, std::string owner, std::string name)
        : Expression(place)
        , m_owner(std::move(owner))
        , m_name(std::move(name))
    {
    }
    void check(bool) const override { }
    void declare(Symbols& frame) const override { frame.read(m_owner); }
    void assign(Runtime& runtime, const ScopePtr& scope, Value value) const;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    std::string m_owner;
    std::string m_name;
};

class Unary final : public Expression
{
public:
    using Operation = Value (*)(const Value&);
    Unary(Place place, Operation operation, ExpressionPtr operand);
    void check(bool isForgiving) const override { m_operand->check(isForgiving); }
    void declare(Symbols& frame) const override { m_operand->declare(frame); }

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    Operation m_operation;
    ExpressionPtr m_operand;
};

class Binary final : public Expression
{
public:
    using Operation = Value (*)(Runtime&, const Value&, const Value&);
    Binary(Place place, Operation operation, ExpressionPtr left, ExpressionPtr right);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    Operation m_operation;
    ExpressionPtr m_left;
    ExpressionPtr m_right;
};

/// `and`, `or`: give one of their sides, and look at the right one only if they must.
class Logic final : public Expression
{
public:
    Logic(Place place, bool isAnd, ExpressionPtr left, ExpressionPtr right);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    bool m_isAnd;
    ExpressionPtr m_left;
    ExpressionPtr m_right;
};

/// a < b <= c: all neighbours have to agree.
class Comparison final : public Expression
{
public:
    using Operation = bool (*)(Runtime&, const Value&, const Value&);
    struct Step
    {
        Operation operation;
        ExpressionPtr operand;
    };
    Comparison(Place place, ExpressionPtr first, std::vector<Step> steps);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_first;
    std::vector<Step> m_steps;
};

/// a ~ b ~ c
class Concatenation final : public Expression
{
public:
    Concatenation(Place place, std::vector<ExpressionPtr> parts);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    std::vector<ExpressionPtr> m_parts;
};

/// a if condition else b
class Conditional final : public Expression
{
public:
    Conditional(Place place, ExpressionPtr condition, ExpressionPtr yes, ExpressionPtr no);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_condition;
    ExpressionPtr m_yes;
    ExpressionPtr m_no; ///< may be absent
};

class Attribute final : public Expression
{
public:
    Attribute(Place place, ExpressionPtr owner, std::string name);
    void check(bool isForgiving) const override { m_owner->check(isForgiving); }
    void declare(Symbols& frame) const override { m_owner->declare(frame); }

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_owner;
    std::string m_name;
};

class Item final : public Expression
{
public:
    Item(Place place, ExpressionPtr owner, ExpressionPtr key);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_owner;
    ExpressionPtr m_key;
};

class Slice final : public Expression
{
public:
    /// Bounds may be absent.
    Slice(Place place, ExpressionPtr owner, std::array<ExpressionPtr, 3> bounds);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_owner;
    std::array<ExpressionPtr, 3> m_bounds;
};

/// [a, b] and (a, b)
class Sequence final : public Expression
{
public:
    Sequence(Place place, ListKind kind, std::vector<ExpressionPtr> items);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;
    const std::vector<ExpressionPtr>& items() const { return m_items; }
    bool isTuple() const { return m_kind == ListKind::Tuple; }

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ListKind m_kind;
    std::vector<ExpressionPtr> m_items;
};

class Mapping final : public Expression
{
public:
    using Pair = std::pair<ExpressionPtr, ExpressionPtr>;
    Mapping(Place place, std::vector<Pair> pairs);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    std::vector<Pair> m_pairs;
};

/// What stands between the parentheses of a call.
struct CallArguments
{
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr rest; ///< *list, or absent
    ExpressionPtr namedRest; ///< **mapping, or absent

    Arguments evaluate(Runtime& runtime, const ScopePtr& scope) const;
    void check(bool isForgiving) const;
    void declare(Symbols& frame) const;
};

class Call final : public Expression
{
public:
    Call(Place place, ExpressionPtr callee, CallArguments arguments);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;
    /// The call with one more named argument: {% call %} hands over its caller.
    Value evaluateWith(Runtime& runtime,
                       const ScopePtr& scope,
                       const std::string& name,
                       Value extra) const;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_callee;
    CallArguments m_arguments;
};

/// subject | name(arguments); without a subject what a block holds is filtered.
class FilterCall final : public Expression
{
public:
    FilterCall(Place place, ExpressionPtr subject, std::string name, CallArguments arguments);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;
    /// Of a chain that starts without a subject: what it makes of the text of a block.
    Value apply(Runtime& runtime, const ScopePtr& scope, const Value& blockText) const;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    Value applied(Runtime& runtime, const ScopePtr& scope, const Value& subject) const;

    ExpressionPtr m_subject;
    std::string m_name;
    CallArguments m_arguments;
};

/// subject is name(arguments)
class TestCall final : public Expression
{
public:
    TestCall(Place place, ExpressionPtr subject, std::string name, CallArguments arguments);
    void check(bool isForgiving) const override;
    void declare(Symbols& frame) const override;

protected:
    Value value(Runtime& runtime, const ScopePtr& scope) const override;

private:
    ExpressionPtr m_subject;
    std::string m_name;
    CallArguments m_arguments;
};

} // namespace tw::jinja
