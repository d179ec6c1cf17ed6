// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/expression.h"

#include "core/jinja/access.h"
#include "core/jinja/filters.h"
#include "core/jinja/lexer.h"
#include "core/jinja/print.h"

#include <algorithm>

namespace tw::jinja {

constexpr int kMaxTreeDepth = 300; // what Python's own recursion limit leaves of Jinja's compiler

Value Expression::evaluate(Runtime& runtime, const ScopePtr& scope) const
{
    const Runtime::Level level(runtime);
    runtime.step();
    runtime.at(m_place);
    return value(runtime, scope);
}

void Expression::contains(const Expression* child)
{
    if (child == nullptr)
        return;
    m_depth = std::max(m_depth, child->m_depth + 1);
    if (m_depth > kMaxTreeDepth)
        refuse("the expression is nested too deeply");
}

void Expression::refuse(const std::string& what) const
{
    throw SyntaxError(what, m_place);
}

Value Name::value(Runtime&, const ScopePtr& scope) const
{
    const Value* found = scope->find(m_name);
    return found == nullptr ? Value::undefined("'" + m_name + "' is undefined") : *found;
}

Value NamespaceTarget::value(Runtime&, const ScopePtr&) const
{
    refuse("a namespace attribute cannot be read here");
}

void NamespaceTarget::assign(Runtime& runtime, const ScopePtr& scope, Value value) const
{
    runtime.at(place());
    const Value* owner = scope->find(m_owner);
    auto* names = owner == nullptr ? nullptr : dynamic_cast<Namespace*>(owner->object());
    if (names == nullptr)
        throw Failure("cannot assign attribute on non-namespace object");
    names->set(m_name, std::move(value));
}

Unary::Unary(Place place, Operation operation, ExpressionPtr operand)
    : Expression(place)
    , m_operation(operation)
    , m_operand(std::move(operand))
{
    contains(m_operand.get());
}

Value Unary::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value operand = m_operand->evaluate(runtime, scope);
    runtime.at(place());
    return m_operation(operand);
}

Binary::Binary(Place place, Operation operation, ExpressionPtr left, ExpressionPtr right)
    : Expression(place)
    , m_operation(operation)
    , m_left(std::move(left))
    , m_right(std::move(right))
{
    contains(m_left.get());
    contains(m_right.get());
}

void Binary::check(bool isForgiving) const
{
    m_left->check(isForgiving);
    m_right->check(isForgiving);
}

void Binary::declare(Symbols& frame) const
{
    m_left->declare(frame);
    m_right->declare(frame);
}

Value Binary::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value left = m_left->evaluate(runtime, scope);
    const Value right = m_right->evaluate(runtime, scope);
    runtime.at(place());
    return m_operation(runtime, left, right);
}

Logic::Logic(Place place, bool isAnd, ExpressionPtr left, ExpressionPtr right)
    : Expression(place)
    , m_isAnd(isAnd)
    , m_left(std::move(left))
    , m_right(std::move(right))
{
    contains(m_left.get());
    contains(m_right.get());
}

void Logic::check(bool isForgiving) const
{
    m_left->check(isForgiving);
    m_right->check(isForgiving);
}

void Logic::declare(Symbols& frame) const
{
    m_left->declare(frame);
    m_right->declare(frame);
}

Value Logic::value(Runtime& runtime, const ScopePtr& scope) const
{
    Value left = m_left->evaluate(runtime, scope);
    return isTrue(left) == m_isAnd ? m_right->evaluate(runtime, scope) : left;
}

Comparison::Comparison(Place place, ExpressionPtr first, std::vector<Step> steps)
    : Expression(place)
    , m_first(std::move(first))
    , m_steps(std::move(steps))
{
    contains(m_first.get());
    for (const Step& step : m_steps)
        contains(step.operand.get());
}

void Comparison::check(bool isForgiving) const
{
    m_first->check(isForgiving);
    for (const Step& step : m_steps)
        step.operand->check(isForgiving);
}

void Comparison::declare(Symbols& frame) const
{
    m_first->declare(frame);
    for (const Step& step : m_steps)
        step.operand->declare(frame);
}

Value Comparison::value(Runtime& runtime, const ScopePtr& scope) const
{
    Value left = m_first->evaluate(runtime, scope);
    for (const Step& step : m_steps) {
        Value right = step.operand->evaluate(runtime, scope);
        runtime.at(place());
        if (!step.operation(runtime, left, right))
            return false;
        left = std::move(right);
    }
    return true;
}

Concatenation::Concatenation(Place place, std::vector<ExpressionPtr> parts)
    : Expression(place)
    , m_parts(std::move(parts))
{
    for (const auto& part : m_parts)
        contains(part.get());
}

void Concatenation::check(bool isForgiving) const
{
    for (const auto& part : m_parts)
        part->check(isForgiving);
}

void Concatenation::declare(Symbols& frame) const
{
    for (const auto& part : m_parts)
        part->declare(frame);
}

Value Concatenation::value(Runtime& runtime, const ScopePtr& scope) const
{
    std::string text;
    for (const auto& part : m_parts) {
        text += toText(runtime, part->evaluate(runtime, scope));
        Runtime::limitText(text.size());
    }
    runtime.checkText(text.size());
    return text;
}

Conditional::Conditional(Place place, ExpressionPtr condition, ExpressionPtr yes, ExpressionPtr no)
    : Expression(place)
    , m_condition(std::move(condition))
    , m_yes(std::move(yes))
    , m_no(std::move(no))
{
    contains(m_condition.get());
    contains(m_yes.get());
    contains(m_no.get());
}

void Conditional::check(bool) const
{
    m_condition->check(true);
    m_yes->check(true);
    if (m_no != nullptr)
        m_no->check(true);
}

void Conditional::declare(Symbols& frame) const
{
    m_condition->declare(frame);
    m_yes->declare(frame);
    if (m_no != nullptr)
        m_no->declare(frame);
}

Value Conditional::value(Runtime& runtime, const ScopePtr& scope) const
{
    if (isTrue(m_condition->evaluate(runtime, scope)))
        return m_yes->evaluate(runtime, scope);
    if (m_no != nullptr)
        return m_no->evaluate(runtime, scope);
    return Value::undefined(
        "the inline if-expression evaluated to false and no else section was defined.");
}

Attribute::Attribute(Place place, ExpressionPtr owner, std::string name)
    : Expression(place)
    , m_owner(std::move(owner))
    , m_name(std::move(name))
{
    contains(m_owner.get());
}

Value Attribute::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value owner = m_owner->evaluate(runtime, scope);
    runtime.at(place());
    return attributeOf(runtime, owner, m_name);
}

Item::Item(Place place, ExpressionPtr owner, ExpressionPtr key)
    : Expression(place)
    , m_owner(std::move(owner))
    , m_key(std::move(key))
{
    contains(m_owner.get());
    contains(m_key.get());
}

void Item::check(bool isForgiving) const
{
    m_owner->check(isForgiving);
    m_key->check(isForgiving);
}

void Item::declare(Symbols& frame) const
{
    m_owner->declare(frame);
    m_key->declare(frame);
}

Value Item::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value owner = m_owner->evaluate(runtime, scope);
    const Value key = m_key->evaluate(runtime, scope);
    runtime.at(place());
    return itemOf(runtime, owner, key);
}

Slice::Slice(Place place, ExpressionPtr owner, std::array<ExpressionPtr, 3> bounds)
    : Expression(place)
    , m_owner(std::move(owner))
    , m_bounds(std::move(bounds))
{
    contains(m_owner.get());
    for (const auto& bound : m_bounds)
        contains(bound.get());
}

void Slice::check(bool isForgiving) const
{
    m_owner->check(isForgiving);
    for (const auto& bound : m_bounds) {
        if (bound != nullptr)
            bound->check(isForgiving);
    }
}

void Slice::declare(Symbols& frame) const
{
    m_owner->declare(frame);
    for (const auto& bound : m_bounds) {
        if (bound != nullptr)
            bound->declare(frame);
    }
}

Value Slice::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value owner = m_owner->evaluate(runtime, scope);
    std::array<Value, 3> bounds;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (m_bounds[i] != nullptr)
            bounds[i] = m_bounds[i]->evaluate(runtime, scope);
    }
    runtime.at(place());
    return sliceOf(runtime, owner, bounds[0], bounds[1], bounds[2]);
}

Sequence::Sequence(Place place, ListKind kind, std::vector<ExpressionPtr> items)
    : Expression(place)
    , m_kind(kind)
    , m_items(std::move(items))
{
    for (const auto& item : m_items)
        contains(item.get());
}

void Sequence::check(bool isForgiving) const
{
    for (const auto& item : m_items)
        item->check(isForgiving);
}

void Sequence::declare(Symbols& frame) const
{
    for (const auto& item : m_items)
        item->declare(frame);
}

Value Sequence::value(Runtime& runtime, const ScopePtr& scope) const
{
    std::vector<Value> items;
    items.reserve(m_items.size());
    for (const auto& item : m_items)
        items.push_back(item->evaluate(runtime, scope));
    return Value::list(std::move(items), m_kind);
}

Mapping::Mapping(Place place, std::vector<Pair> pairs)
    : Expression(place)
    , m_pairs(std::move(pairs))
{
    for (const auto& [key, value] : m_pairs) {
        contains(key.get());
        contains(value.get());
    }
}

void Mapping::check(bool isForgiving) const
{
    for (const auto& [key, value] : m_pairs) {
        key->check(isForgiving);
        value->check(isForgiving);
    }
}

void Mapping::declare(Symbols& frame) const
{
    for (const auto& [key, value] : m_pairs) {
        key->declare(frame);
        value->declare(frame);
    }
}

Value Mapping::value(Runtime& runtime, const ScopePtr& scope) const
{
    Dict dict;
    for (const auto& [key, value] : m_pairs) {
        const Value name = key->evaluate(runtime, scope);
        dict.set(name, value->evaluate(runtime, scope));
    }
    return Value::dict(std::move(dict));
}

} // namespace tw::jinja
