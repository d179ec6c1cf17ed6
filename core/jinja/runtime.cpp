// SPDX-License-Identifier: Apache-2.0
#include "core/jinja/runtime.h"

#include "core/jinja/print.h"

#include <algorithm>

namespace tw::jinja {

const Value* Scope::find(const std::string& name) const
{
    for (const Scope* scope = this; scope != nullptr; scope = scope->m_outer.get()) {
        const auto it = scope->m_names.find(name);
        if (it != scope->m_names.end())
            return &it->second;
    }
    return nullptr;
}

std::optional<Value> Namespace::attribute(Runtime&, const std::string& name)
{
    const Value* value = m_names.find(name);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

std::string Namespace::representation(Runtime& runtime) const
{
    return "<Namespace " + represent(runtime, Value::dict(m_names)) + ">";
}

Runtime::~Runtime()
{
    m_variables.clear();
    for (const auto& scope : m_scopes)
        scope->clear();
    for (const auto& names : m_namespaces)
        names->clear();
}

void Runtime::step(std::size_t count)
{
    constexpr std::size_t kStepsPerLook = 64; // looking at the clock costs as much as a step
    const std::size_t looks = m_steps / kStepsPerLook;
    m_steps += count;
    if (m_steps > kMaxSteps)
        throw Failure("the template takes too long (more than 5 million steps)");
    if (m_steps / kStepsPerLook != looks && std::chrono::steady_clock::now() > m_end)
        throw Failure("the template takes too long (more than 10 seconds)");
}

void Runtime::limitText(std::size_t bytes)
{
    if (bytes > kMaxText)
        throw Failure("a text grows beyond 12 MB");
}

void Runtime::checkText(std::size_t bytes)
{
    limitText(bytes);
    step(bytes / 1024); // a step's time is about a kilobyte's copying
}

std::shared_ptr<Namespace> Runtime::makeNamespace()
{
    m_namespaces.push_back(std::make_shared<Namespace>());
    return m_namespaces.back();
}

void Runtime::write(const std::string& text)
{
    m_hasWritten = true;
    if (m_text.size() + text.size() > kMaxText)
        throw Failure("the output grows beyond 12 MB");
    m_text += text;
    m_points += countPoints(text);
}

Runtime::Level::Level(Runtime& runtime)
    : m_runtime(runtime)
{
    if (++runtime.m_level > kMaxCallDepth) {
        --runtime.m_level;
        throw Failure("the template calls itself too deeply");
    }
}

std::size_t countPoints(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

} // namespace tw::jinja
