// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/jinja/meter.h"
#include "core/jinja/value.h"

#include <chrono>
#include <random>

namespace tw::jinja {

/// Where something stands in the template, from 1.
struct Place
{
    int line = 1;
    int column = 1;
};

/// Names and what they stand for; what is not found here is looked for outside. Which name belongs
/// where has been worked out before: see Symbols.
class Scope
{
public:
    explicit Scope(std::shared_ptr<Scope> outer)
        : m_outer(std::move(outer))
    {
    }
    const Value* find(const std::string& name) const;
    const Value* findOutside(const std::string& name) const
    {
        return m_outer == nullptr ? nullptr : m_outer->find(name);
    }
    void set(const std::string& name, Value value)
    {
        m_names.insert_or_assign(name, std::move(value));
    }
    void clear() { m_names.clear(); }

private:
    std::shared_ptr<Scope> m_outer;
    std::unordered_map<std::string, Value> m_names;
};

/// namespace(): the one thing whose attributes a template may set.
class Namespace final : public Object
{
public:
    std::optional<Value> attribute(Runtime& runtime, const std::string& name) override;
    std::string representation(Runtime& runtime) const override;
    void set(const Value& key, Value value) { m_names.set(key, std::move(value)); }
    void clear() { m_names = {}; }

private:
    Dict m_names;
};

// Our choices: a thousand times what the largest chat needs, and still less than a second and 60
// MB.
constexpr std::size_t kMaxSteps = 5'000'000;
constexpr std::size_t kMaxText = 12'000'000; // bytes of one text and of all output
constexpr std::size_t kMaxItems = 400'000; // of one list
constexpr int kMaxValueDepth = 300;
constexpr int kMaxCallDepth = 1200; // frames are about a kilobyte, a thread's stack is 8 MB

constexpr std::chrono::seconds kMaxTime {10}; // whatever steps take on a slow or loaded machine

/// One rendering: its output, its place, and what it has used of its limits.
class Runtime
{
public:
    explicit Runtime(std::string now)
        : m_now(std::move(now))
    {
    }
    /// The variables of the rendering, and what the template's outermost frame has set.
    Scope& variables() { return m_variables; }
    void setTop(const Scope* top) { m_top = top; }
    bool isTop(const Scope& scope) const { return &scope == m_top; }
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    void at(Place place) { m_place = place; }
    Place place() const { return m_place; }
    /// Throws Failure when all steps or all time are used.
    void step(std::size_t count = 1);
    /// Throws Failure where text is longer than kMaxText; counts its making as work.
    void checkText(std::size_t bytes);
    /// The same without counting: for a text that grows and is counted when it is done.
    static void limitText(std::size_t bytes);

    /// Scopes and namespaces can point at each other in circles; they are emptied at the end.
    void keep(std::shared_ptr<Scope> scope) { m_scopes.push_back(std::move(scope)); }
    std::shared_ptr<Namespace> makeNamespace();

    /// Text of the whole rendering, as opposed to that of a macro or a block that is being set.
    void write(const std::string& text);
    std::size_t writtenPoints() const { return m_points; }
    bool hasWritten() const { return m_hasWritten; }
    std::vector<std::pair<std::size_t, std::size_t>>& spans() { return m_spans; }
    std::string takeText() { return std::move(m_text); }
    const std::string& now() const { return m_now; }
    /// The next of a fixed series of numbers.
    std::size_t random() { return static_cast<std::size_t>(m_random()); }

    /// Counts nested evaluations while it lives.
    class Level
    {
    public:
        explicit Level(Runtime& runtime);
        ~Level() { --m_runtime.m_level; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        Runtime& m_runtime;
    };

private:
    Meter m_meter; // first: what follows holds values
    std::string m_now;
    std::minstd_rand
        m_random; // NOLINT(cert-msc51-cpp,bugprone-random-generator-seed): see random()
    Scope m_variables {nullptr};
    const Scope* m_top = nullptr;
    Place m_place;
    std::size_t m_steps = 0;
    std::chrono::steady_clock::time_point m_end = std::chrono::steady_clock::now() + kMaxTime;
    int m_level = 0;
    std::string m_text;
    std::size_t m_points = 0;
    bool m_hasWritten = false;
    std::vector<std::pair<std::size_t, std::size_t>> m_spans;
    std::vector<std::shared_ptr<Scope>> m_scopes;
    std::vector<std::shared_ptr<Namespace>> m_namespaces;
};

std::size_t countPoints(std::string_view utf8);

} // namespace tw::jinja
