// SPDX-License-Identifier: Apache-2.0
// Calls of functions, filters and tests.

#include "core/jinja/access.h"
#include "core/jinja/expression.h"
#include "core/jinja/filters.h"
#include "core/jinja/lexer.h"

#include <algorithm>

namespace tw::jinja {
namespace {

void addNamed(Arguments& arguments, const std::string& name, Value value)
{
    const auto isSame = [&](const auto& known) { return known.first == name; };
    if (std::any_of(arguments.named.begin(), arguments.named.end(), isSame))
        throw Failure("the argument '" + name + "' is given twice");
    arguments.named.emplace_back(name, std::move(value));
}

} // namespace

Arguments CallArguments::evaluate(Runtime& runtime, const ScopePtr& scope) const
{
    Arguments arguments;
    for (const auto& expression : positional)
        arguments.positional.push_back(expression->evaluate(runtime, scope));
    for (const auto& [name, expression] : named)
        addNamed(arguments, name, expression->evaluate(runtime, scope));
    if (rest != nullptr) {
        for (Value& value : toVector(runtime, rest->evaluate(runtime, scope)))
            arguments.positional.push_back(std::move(value));
    }
    if (namedRest == nullptr)
        return arguments;
    const Value mapping = namedRest->evaluate(runtime, scope);
    if (mapping.dict() == nullptr)
        throw Failure("** needs a mapping, not '" + mapping.typeName() + "'");
    for (const auto& [key, value] : mapping.dict()->entries()) {
        if (!key.isText())
            throw Failure("the keys of ** have to be texts");
        addNamed(arguments, *key.text(), value);
    }
    return arguments;
}

void CallArguments::check(bool isForgiving) const
{
    for (const auto& expression : positional)
        expression->check(isForgiving);
    for (const auto& argument : named)
        argument.second->check(isForgiving);
    if (rest != nullptr)
        rest->check(isForgiving);
    if (namedRest != nullptr)
        namedRest->check(isForgiving);
}

void CallArguments::declare(Symbols& frame) const
{
    for (const auto& expression : positional)
        expression->declare(frame);
    for (const auto& argument : named)
        argument.second->declare(frame);
    if (rest != nullptr)
        rest->declare(frame);
    if (namedRest != nullptr)
        namedRest->declare(frame);
}

namespace {

template <typename Announce>
void eachOf(const CallArguments& arguments, Announce announce)
{
    for (const auto& expression : arguments.positional)
        announce(expression.get());
    for (const auto& argument : arguments.named)
        announce(argument.second.get());
    announce(arguments.rest.get());
    announce(arguments.namedRest.get());
}

} // namespace

Call::Call(Place place, ExpressionPtr callee, CallArguments arguments)
    : Expression(place)
    , m_callee(std::move(callee))
    , m_arguments(std::move(arguments))
{
    contains(m_callee.get());
    eachOf(m_arguments, [this](const Expression* child) { contains(child); });
}

void Call::check(bool isForgiving) const
{
    m_callee->check(isForgiving);
    m_arguments.check(isForgiving);
}

void Call::declare(Symbols& frame) const
{
    m_callee->declare(frame);
    m_arguments.declare(frame);
}

Value Call::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value callee = m_callee->evaluate(runtime, scope);
    const Arguments arguments = m_arguments.evaluate(runtime, scope);
    runtime.at(place());
    return callValue(runtime, callee, arguments);
}

Value Call::evaluateWith(Runtime& runtime,
                         const ScopePtr& scope,
                         const std::string& name,
                         Value extra) const
{
    const Value callee = m_callee->evaluate(runtime, scope);
    Arguments arguments = m_arguments.evaluate(runtime, scope);
    addNamed(arguments, name, std::move(extra));
    runtime.at(place());
    return callValue(runtime, callee, arguments);
}

FilterCall::FilterCall(Place place,
                       ExpressionPtr subject,
                       std::string name,
                       CallArguments arguments)
    : Expression(place)
    , m_subject(std::move(subject))
    , m_name(std::move(name))
    , m_arguments(std::move(arguments))
{
    contains(m_subject.get());
    eachOf(m_arguments, [this](const Expression* child) { contains(child); });
}

void FilterCall::check(bool isForgiving) const
{
    if (m_subject != nullptr)
        m_subject->check(isForgiving);
    m_arguments.check(isForgiving);
    if (!isForgiving && findFilter(m_name) == nullptr)
        refuse("No filter named '" + m_name + "'");
}

void FilterCall::declare(Symbols& frame) const
{
    if (m_subject != nullptr)
        m_subject->declare(frame);
    m_arguments.declare(frame);
}

Value FilterCall::apply(Runtime& runtime, const ScopePtr& scope, const Value& blockText) const
{
    const Runtime::Level level(runtime);
    // Every filter before this one in the chain is a FilterCall too; the first has no subject.
    const auto* before = static_cast<const FilterCall*>(m_subject.get());
    const Value subject = before == nullptr ? blockText : before->apply(runtime, scope, blockText);
    return applied(runtime, scope, subject);
}

Value FilterCall::applied(Runtime& runtime, const ScopePtr& scope, const Value& subject) const
{
    const Arguments arguments = m_arguments.evaluate(runtime, scope);
    runtime.at(place());
    return applyFilter(runtime, m_name, subject, arguments);
}

Value FilterCall::value(Runtime& runtime, const ScopePtr& scope) const
{
    return applied(runtime, scope, m_subject->evaluate(runtime, scope));
}

TestCall::TestCall(Place place, ExpressionPtr subject, std::string name, CallArguments arguments)
    : Expression(place)
    , m_subject(std::move(subject))
    , m_name(std::move(name))
    , m_arguments(std::move(arguments))
{
    contains(m_subject.get());
    eachOf(m_arguments, [this](const Expression* child) { contains(child); });
}

void TestCall::check(bool isForgiving) const
{
    m_subject->check(isForgiving);
    m_arguments.check(isForgiving);
    if (!isForgiving && findTest(m_name) == nullptr)
        refuse("No test named '" + m_name + "'");
}

void TestCall::declare(Symbols& frame) const
{
    m_subject->declare(frame);
    m_arguments.declare(frame);
}

Value TestCall::value(Runtime& runtime, const ScopePtr& scope) const
{
    const Value subject = m_subject->evaluate(runtime, scope);
    const Arguments arguments = m_arguments.evaluate(runtime, scope);
    runtime.at(place());
    return applyTest(runtime, m_name, subject, arguments);
}

} // namespace tw::jinja
