// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/regex.h"

#include "core/base/error.h"
#include "core/base/oniguruma.h"

namespace tw {
namespace {

std::size_t behindPointAt(std::string_view text, std::size_t at)
{
    do
        ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U);
    return at;
}

} // namespace

struct Regex::Compiled
{
    std::string pattern;
    CompiledPattern regex;
};

Regex::Regex(const std::string& pattern)
    : m_compiled(std::make_shared<const Compiled>(Compiled {
          pattern,
          compilePattern(
              pattern,
              ONIG_SYNTAX_DEFAULT,
              "Check that the file is complete; if it is, this tokenizer cannot be used here.")}))
{
}

void Regex::findAll(std::string_view text, std::vector<Match>& matches) const
{
    matches.clear();
    if (text.empty()) // where the reference finds nothing, not even nothing
        return;
    const std::unique_ptr<OnigRegion, OnigurumaDeleter> region(onig_region_new());
    const OnigUChar* const start = onigurumaBytes(text);
    const OnigUChar* const end = start + text.size();
    std::size_t from = 0;
    std::size_t lastEnd = std::string_view::npos;
    while (from <= text.size()) {
        const int found = onig_search(m_compiled->regex.get(), start, end, start + from, end,
                                      region.get(), ONIG_OPTION_NONE);
        if (found == ONIG_MISMATCH)
            return;
        if (found < 0)
            throw Error("The regular expression " + m_compiled->pattern.substr(0, 80)
                            + " gave up on a text: " + onigurumaMessage(found) + ".",
                        "Leave that text out, or split it into shorter ones.");
        const auto matchEnd = static_cast<std::size_t>(region->end[0]);
        if (matchEnd == static_cast<std::size_t>(found) && matchEnd == lastEnd) {
            from = behindPointAt(text, matchEnd); // empty, right behind the last one
            continue;
        }
        matches.emplace_back(static_cast<std::size_t>(found), matchEnd);
        from = lastEnd = matchEnd;
    }
}

void findAll(const Pattern& pattern, std::string_view text, std::vector<Regex::Match>& matches)
{
    if (const auto* const regex = std::get_if<Regex>(&pattern)) {
        regex->findAll(text, matches);
        return;
    }
    matches.clear();
    const std::string& wanted = std::get<std::string>(pattern);
    if (wanted.empty())
        return;
    for (std::size_t at = text.find(wanted); at != std::string_view::npos;
         at = text.find(wanted, at + wanted.size()))
        matches.emplace_back(at, at + wanted.size());
}

} // namespace tw
