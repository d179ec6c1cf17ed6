// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/module_pattern.h"

#include "core/base/error.h"
#include "core/base/oniguruma.h"

namespace tw {
namespace {

/// A module name has some 60 characters: honest patterns need a few thousand steps.
constexpr unsigned long kMostSteps = 1'000'000;

CompiledPattern compiled(const std::string& expression)
{
    return compilePattern(expression, ONIG_SYNTAX_PYTHON,
                          "Mend the pattern in adapter_config.json.");
}

} // namespace

struct ModulePattern::State
{
    std::string expression;
    CompiledPattern atStart;
    CompiledPattern whole; ///< the same up to the end: a shorter alternative must not win over one
                           ///< that reaches it

    /// Length of the match at the start of text, or -1.
    int match(const CompiledPattern& regex, const std::string& text, OnigRegion* region) const
    {
        const std::unique_ptr<OnigMatchParam, OnigurumaDeleter> limits(onig_new_match_param());
        onig_initialize_match_param(limits.get());
        onig_set_retry_limit_in_match_of_match_param(limits.get(), kMostSteps);
        const OnigUChar* const start = onigurumaBytes(text);
        const int length = onig_match_with_param(regex.get(), start, start + text.size(), start,
                                                 region, ONIG_OPTION_NONE, limits.get());
        if (length < 0 && length != ONIG_MISMATCH)
            throw Error("The module pattern \"" + expression + "\" cannot be matched against \""
                            + text + "\" in reasonable time.",
                        "Write a simpler pattern into adapter_config.json, or list the modules.");
        return length;
    }
};

ModulePattern::ModulePattern(const std::string& expression)
    : m_state(std::make_unique<State>(
          State {expression, compiled(expression), compiled("(?:" + expression + ")\\Z")}))
{
}

ModulePattern::~ModulePattern() = default;
ModulePattern::ModulePattern(ModulePattern&&) noexcept = default;
ModulePattern& ModulePattern::operator=(ModulePattern&&) noexcept = default;

bool ModulePattern::matchesWhole(const std::string& text) const
{
    return m_state->match(m_state->whole, text, nullptr) >= 0;
}

std::vector<std::string> ModulePattern::groupsAtStart(const std::string& text) const
{
    const std::unique_ptr<OnigRegion, OnigurumaDeleter> region(onig_region_new());
    if (m_state->match(m_state->atStart, text, region.get()) < 0)
        return {};
    std::vector<std::string> groups;
    for (int i = 1; i < region->num_regs; ++i)
        groups.push_back(region->beg[i] < 0 ? std::string()
                                            : text.substr(static_cast<std::size_t>(region->beg[i]),
                                                          static_cast<std::size_t>(
                                                              region->end[i] - region->beg[i])));
    return groups;
}

} // namespace tw
