// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/statement.h"

#include "core/jinja/print.h"

namespace tw::jinja {

void Output::write(const std::string& text)
{
    if (m_buffer == nullptr)
        return m_runtime.write(text);
    *m_buffer += text;
    Runtime::limitText(m_buffer->size());
}

Flow Body::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const Runtime::Level level(runtime);
    for (const auto& statement : m_statements) {
        runtime.step();
        runtime.at(statement->place());
        const Flow flow = statement->execute(runtime, scope, output);
        if (flow != Flow::Next)
            return flow;
    }
    return Flow::Next;
}

std::string Body::text(Runtime& runtime, const ScopePtr& scope) const
{
    std::string buffer;
    Output output(runtime, buffer);
    execute(runtime, std::make_shared<Scope>(scope), output);
    runtime.checkText(buffer.size());
    return buffer;
}

void Body::check(bool isForgiving) const
{
    for (const auto& statement : m_statements)
        statement->check(isForgiving);
}

void assign(Runtime& runtime, const ScopePtr& scope, const Expression& target, const Value& value)
{
    if (const auto* name = dynamic_cast<const Name*>(&target))
        return scope->set(name->name(), value);
    if (const auto* attribute = dynamic_cast<const NamespaceTarget*>(&target))
        return attribute->assign(runtime, scope, value);
    const auto& targets =
        static_cast<const Sequence&>(target).items(); // the parser lets nothing else through
    if (value.isUndefined() && !targets.empty())
        throw Failure(value.why());
    const std::vector<Value> values = toVector(runtime, value);
    if (values.size() != targets.size())
        throw Failure("cannot unpack " + std::to_string(values.size()) + " values into "
                      + std::to_string(targets.size()) + " names");
    for (std::size_t i = 0; i < targets.size(); ++i)
        assign(runtime, scope, *targets[i], values[i]);
}

Flow PlainText::execute(Runtime&, const ScopePtr&, Output& output) const
{
    output.write(m_text);
    return Flow::Next;
}

Flow Print::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const Value value = m_expression->evaluate(runtime, scope);
    runtime.at(place());
    output.write(toText(runtime, value));
    return Flow::Next;
}

Flow If::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    for (const Branch& branch : m_branches) {
        if (isTrue(branch.condition->evaluate(runtime, scope)))
            return branch.body.execute(runtime, scope, output);
    }
    return m_otherwise.execute(runtime, scope, output);
}

void If::check(bool) const
{
    for (const Branch& branch : m_branches) {
        branch.condition->check(true);
        branch.body.check(true);
    }
    m_otherwise.check(true);
}

Flow Set::execute(Runtime& runtime, const ScopePtr& scope, Output&) const
{
    const Value value = m_value->evaluate(runtime, scope);
    runtime.at(place());
    assign(runtime, scope, *m_target, value);
    return Flow::Next;
}

Flow BlockText::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    std::string buffer;
    Output inner(runtime, buffer);
    const auto innerScope = std::make_shared<Scope>(scope);
    const Flow flow = m_body.execute(runtime, innerScope, inner);
    if (flow != Flow::Next)
        return flow; // the loop goes on elsewhere: what the block held is dropped
    runtime.checkText(buffer.size());
    Value value = std::move(buffer);
    if (m_filter != nullptr)
        value = m_filter->apply(runtime, innerScope, value);
    runtime.at(place());
    if (m_target == nullptr)
        output.write(toText(runtime, value));
    else
        assign(runtime, scope, *m_target, value);
    return Flow::Next;
}

void BlockText::check(bool) const
{
    if (m_filter != nullptr)
        m_filter->check(false);
    m_body.check(false);
}

Flow With::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const auto inner = std::make_shared<Scope>(scope);
    for (const auto& [target, value] : m_pairs)
        assign(runtime, inner, *target, value->evaluate(runtime, scope));
    return m_body.execute(runtime, inner, output);
}

void With::check(bool isForgiving) const
{
    for (const auto& pair : m_pairs)
        pair.second->check(isForgiving);
    m_body.check(false);
}

Flow Generation::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const std::string text = m_body.text(runtime, scope);
    // Transformers starts to look only once something has been written.
    if (runtime.hasWritten() || !runtime.spans().empty()) {
        const std::size_t start = runtime.writtenPoints();
        runtime.spans().emplace_back(start, start + countPoints(text));
    }
    output.write(text);
    return Flow::Next;
}

} // namespace tw::jinja
