// SPDX-License-Identifier: Apache-2.0
// {% macro %} and {% call %}.

#include "core/jinja/print.h"
#include "core/jinja/statement.h"

#include <algorithm>

namespace tw::jinja {
namespace {

class Macro final : public Object
{
public:
    Macro(const MacroParts& parts, ScopePtr scope)
        : m_parts(parts)
        , m_scope(std::move(scope))
    {
    }

    bool isCallable() const override { return true; }
    Value call(Runtime& runtime, const Arguments& arguments) override
    {
        const ScopePtr inner = enter(runtime, m_scope, m_parts.loads);
        Arguments rest = arguments;
        bindParameters(runtime, inner, rest);
        bindSpecials(inner, rest);
        std::string text;
        Output output(runtime, text);
        m_parts.body.execute(runtime, inner, output);
        runtime.checkText(text.size());
        return text;
    }
    std::optional<Value> attribute(Runtime&, const std::string& name) override
    {
        if (name == "name")
            return m_parts.name.empty() ? Value() : Value(m_parts.name);
        if (name != "arguments")
            return std::nullopt;
        std::vector<Value> names;
        for (const auto& parameter : m_parts.parameters)
            names.emplace_back(parameter.name);
        return Value::tuple(std::move(names));
    }
    std::string representation(Runtime&) const override
    {
        return m_parts.name.empty() ? "<Macro anonymous>" : "<Macro '" + m_parts.name + "'>";
    }

private:
    void bindParameters(Runtime& runtime, const ScopePtr& inner, Arguments& rest) const
    {
        std::vector<const MacroParts::Parameter*> missing;
        for (std::size_t i = 0; i < m_parts.parameters.size(); ++i) {
            const MacroParts::Parameter& parameter = m_parts.parameters[i];
            const auto named =
                std::find_if(rest.named.begin(), rest.named.end(),
                             [&](const auto& known) { return known.first == parameter.name; });
            if (i < rest.positional.size()) {
                inner->set(parameter.name, rest.positional[i]);
            } else if (named != rest.named.end()) {
                inner->set(parameter.name, named->second);
                rest.named.erase(named);
            } else {
                inner->set(parameter.name,
                           Value::undefined("parameter '" + parameter.name + "' was not provided"));
                missing.push_back(&parameter);
            }
        }
        for (const MacroParts::Parameter* parameter : missing) {
            if (parameter->standard != nullptr)
                inner->set(parameter->name, parameter->standard->evaluate(runtime, inner));
        }
        const std::size_t used = std::min(rest.positional.size(), m_parts.parameters.size());
        rest.positional.erase(rest.positional.begin(),
                              rest.positional.begin() + static_cast<std::ptrdiff_t>(used));
    }

    bool hasParameter(const std::string& name) const
    {
        return std::any_of(m_parts.parameters.begin(), m_parts.parameters.end(),
                           [&](const auto& parameter) { return parameter.name == name; });
    }

    void bindSpecials(const ScopePtr& inner, Arguments& rest) const
    {
        if (m_parts.usesCaller && !hasParameter("caller")) {
            const auto it = std::find_if(rest.named.begin(), rest.named.end(),
                                         [](const auto& known) { return known.first == "caller"; });
            inner->set("caller",
                       it == rest.named.end() ? Value::undefined("No caller defined") : it->second);
            if (it != rest.named.end())
                rest.named.erase(it);
        }
        if (m_parts.usesNamed) {
            Dict named;
            for (const auto& [name, value] : rest.named)
                named.set(name, value);
            inner->set("kwargs", Value::dict(std::move(named)));
        } else if (!rest.named.empty()) {
            throw Failure("macro '" + m_parts.name + "' takes no keyword argument '"
                          + rest.named.front().first + "'");
        }
        if (m_parts.usesMore)
            inner->set("varargs", Value::tuple(rest.positional));
        else if (!rest.positional.empty())
            throw Failure("macro '" + m_parts.name + "' takes not more than "
                          + std::to_string(m_parts.parameters.size()) + " argument(s)");
    }

    const MacroParts& m_parts; ///< of the template, which outlives every rendering
    ScopePtr m_scope;
};

} // namespace

void MacroParts::check() const
{
    for (const Parameter& parameter : parameters) {
        if (parameter.standard != nullptr)
            parameter.standard->check(false);
    }
    body.check(false);
}

void MacroParts::resolve(const Symbols& frame)
{
    Symbols inner(&frame);
    for (const Parameter& parameter : parameters)
        inner.parameter(parameter.name);
    for (const Parameter& parameter : parameters) {
        if (parameter.standard != nullptr)
            parameter.standard->declare(inner);
    }
    body.declare(inner);
    for (const auto& [special, isUsed] :
         {std::pair {"caller", usesCaller}, {"varargs", usesMore}, {"kwargs", usesNamed}}) {
        if (isUsed)
            inner.parameter(special);
    }
    loads = inner.loads();
    body.resolve(inner);
}

Value makeMacro(Runtime& runtime, const ScopePtr& scope, const MacroParts& parts)
{
    runtime.keep(scope); // the macro will stand in the scope that it points to
    return Value(std::shared_ptr<Object>(std::make_shared<Macro>(parts, scope)));
}

Flow MacroDefinition::execute(Runtime& runtime, const ScopePtr& scope, Output&) const
{
    const Value macro = makeMacro(runtime, scope, m_parts);
    if (runtime.isTop(*scope))
        runtime.variables().set(m_parts.name, macro);
    scope->set(m_parts.name, macro);
    return Flow::Next;
}

Flow CallBlock::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const Value result =
        m_call->evaluateWith(runtime, scope, "caller", makeMacro(runtime, scope, m_caller));
    runtime.at(place());
    output.write(toText(runtime, result));
    return Flow::Next;
}

void CallBlock::declare(Symbols& frame) const
{
    m_call->declare(frame);
}

void CallBlock::resolve(const Symbols& frame)
{
    m_caller.resolve(frame);
}

void CallBlock::check(bool isForgiving) const
{
    m_call->check(isForgiving);
    m_caller.check();
}

} // namespace tw::jinja
