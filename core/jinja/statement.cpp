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

void Body::check(bool isForgiving) const
{
    for (const auto& statement : m_statements)
        statement->check(isForgiving);
}

void Body::declare(Symbols& frame) const
{
    for (const auto& statement : m_statements)
        statement->declare(frame);
}

void Body::resolve(const Symbols& frame)
{
    for (const auto& statement : m_statements)
        statement->resolve(frame);
}

void enterAgain(Runtime& runtime, Scope& scope, const NameLoads& loads)
{
    scope.clear();
    for (const auto& [name, load] : loads) {
        const Value* found = load == NameLoad::Resolve ? runtime.variables().find(name)
            : load == NameLoad::Alias                  ? scope.findOutside(name)
                                                       : nullptr;
        scope.set(name,
                  found == nullptr ? Value::undefined("'" + name + "' is undefined") : *found);
    }
}

ScopePtr enter(Runtime& runtime, const ScopePtr& outer, const NameLoads& loads)
{
    auto scope = std::make_shared<Scope>(outer);
    enterAgain(runtime, *scope, loads);
    return scope;
}

void declareTarget(Symbols& frame, const Expression& target)
{
    if (const auto* name = dynamic_cast<const Name*>(&target))
        return frame.store(name->name());
    if (const auto* tuple = dynamic_cast<const Sequence*>(&target)) {
        for (const auto& item : tuple->items())
            declareTarget(frame, *item);
        return;
    }
    target.declare(frame);
}

void declareParameters(Symbols& frame, const Expression& target)
{
    if (const auto* name = dynamic_cast<const Name*>(&target))
        return frame.parameter(name->name());
    if (const auto* tuple = dynamic_cast<const Sequence*>(&target)) {
        for (const auto& item : tuple->items())
            declareParameters(frame, *item);
        return;
    }
    target.declare(frame);
}

void assign(Runtime& runtime, const ScopePtr& scope, const Expression& target, const Value& value)
{
    if (const auto* name = dynamic_cast<const Name*>(&target)) {
        if (runtime.isTop(*scope))
            runtime.variables().set(name->name(), value);
        return scope->set(name->name(), value);
    }
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

void If::declare(Symbols& frame) const
{
    // All elifs are one branch to Jinja, and the else is one even where there is none.
    m_branches.front().condition->declare(frame);
    std::vector<Symbols> branches(3, frame);
    m_branches.front().body.declare(branches[0]);
    for (std::size_t i = 1; i < m_branches.size(); ++i) {
        m_branches[i].condition->declare(branches[1]);
        Symbols body = branches[1];
        m_branches[i].body.declare(body);
        branches[1].merge({std::move(body)});
    }
    m_otherwise.declare(branches[2]);
    frame.merge(branches);
}

void If::resolve(const Symbols& frame)
{
    for (Branch& branch : m_branches)
        branch.body.resolve(frame);
    m_otherwise.resolve(frame);
}

void Set::declare(Symbols& frame) const
{
    m_value->declare(frame);
    declareTarget(frame, *m_target);
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
    const ScopePtr innerScope = enter(runtime, scope, m_loads);
    const Flow flow = m_body.execute(runtime, innerScope, inner);
    if (flow != Flow::Next)
        return flow; // the loop goes on elsewhere: what the block held is dropped
    runtime.checkText(buffer.size());
    Value value = std::move(buffer);
    if (m_filter != nullptr)
        value = m_filter->apply(runtime, innerScope, value);
    runtime.at(place());
    if (m_target == nullptr && !value.isText())
        throw Failure("the filter of a block has to give a text, not '" + value.typeName() + "'");
    if (m_target == nullptr)
        output.write(*value.text());
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

void BlockText::declare(Symbols& frame) const
{
    if (m_target != nullptr)
        declareTarget(frame, *m_target);
    else
        m_filter->declare(frame);
}

void BlockText::resolve(const Symbols& frame)
{
    Symbols inner(&frame);
    if (m_filter != nullptr)
        m_filter->declare(inner);
    m_body.declare(inner);
    m_loads = inner.loads();
    m_body.resolve(inner);
}

Flow NamedBlock::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    return m_body.execute(runtime, enter(runtime, m_isScoped ? scope : nullptr, m_loads), output);
}

void NamedBlock::resolve(const Symbols& frame)
{
    Symbols inner(m_isScoped ? &frame : nullptr);
    m_body.declare(inner);
    m_loads = inner.loads();
    m_body.resolve(inner);
}

Flow With::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    const ScopePtr inner = enter(runtime, scope, m_loads);
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

void With::declare(Symbols& frame) const
{
    for (const auto& pair : m_pairs)
        pair.second->declare(frame);
}

void With::resolve(const Symbols& frame)
{
    Symbols inner(&frame);
    for (const auto& pair : m_pairs)
        declareParameters(inner, *pair.first);
    m_body.declare(inner);
    m_loads = inner.loads();
    m_body.resolve(inner);
}

void Generation::resolve(const Symbols& frame)
{
    Symbols inner(&frame);
    m_body.declare(inner);
    m_loads = inner.loads();
    m_body.resolve(inner);
}

Flow Generation::execute(Runtime& runtime, const ScopePtr& scope, Output& output) const
{
    std::string text;
    Output buffer(runtime, text);
    m_body.execute(runtime, enter(runtime, scope, m_loads), buffer);
    runtime.checkText(text.size());
    // Transformers starts to look only once something has been written.
    if (runtime.hasWritten() || !runtime.spans().empty()) {
        const std::size_t start = runtime.writtenPoints();
        runtime.spans().emplace_back(start, start + countPoints(text));
    }
    output.write(text);
    return Flow::Next;
}

} // namespace tw::jinja
