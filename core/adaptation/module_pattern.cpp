// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/module_pattern.h"

#include "core/base/error.h"

#include <mutex>
#include <oniguruma.h>

namespace tw {
namespace {

/// A module name has some 60 characters: honest patterns need a few thousand steps.
constexpr unsigned long kMostSteps = 1'000'000;

const OnigUChar* bytes(const std::string& text)
{ // Oniguruma's characters are unsigned
    return reinterpret_cast<const OnigUChar*>(text.data());
}

struct RegexDeleter
{
    void operator()(regex_t* regex) const { onig_free(regex); }
};
using Regex = std::unique_ptr<regex_t, RegexDeleter>;

Regex compiled(const std::string& expression)
{
    static std::once_flag once;
    std::call_once(once, [] {
        OnigEncoding encodings[] {ONIG_ENCODING_UTF8};
        onig_initialize(encodings, 1);
    });
    regex_t* regex = nullptr;
    OnigErrorInfo info {};
    const int code = onig_new(&regex, bytes(expression), bytes(expression) + expression.size(),
                              ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_PYTHON, &info);
    if (code == ONIG_NORMAL)
        return Regex(regex);
    OnigUChar message[ONIG_MAX_ERROR_MESSAGE_LEN] {};
    onig_error_code_to_str(message, code, &info);
    throw Error("\"" + expression + "\" is not a regular expression ("
                    + reinterpret_cast<const char*>(message) + ").",
                "Mend the pattern in adapter_config.json.");
}

struct RegionDeleter
{
    void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};

} // namespace

struct ModulePattern::State
{
    std::string expression;
    Regex atStart;
    Regex whole; ///< the same up to the end: a shorter alternative must not win over one that
                 ///< reaches it

    /// Length of the match at the start of text, or -1.
    int match(const Regex& regex, const std::string& text, OnigRegion* region) const
    {
        OnigMatchParam* limits = onig_new_match_param();
        onig_initialize_match_param(limits);
        onig_set_retry_limit_in_match_of_match_param(limits, kMostSteps);
        const int length =
            onig_match_with_param(regex.get(), bytes(text), bytes(text) + text.size(), bytes(text),
                                  region, ONIG_OPTION_NONE, limits);
        onig_free_match_param(limits);
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
    const std::unique_ptr<OnigRegion, RegionDeleter> region(onig_region_new());
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
