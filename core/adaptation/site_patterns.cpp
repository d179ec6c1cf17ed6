// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/site_patterns.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tw {
namespace {

std::optional<SiteKind> kindOf(const std::string& text)
{
    for (const SiteKind kind : linearSites())
        if (text == siteId(kind))
            return kind;
    return std::nullopt;
}

} // namespace

bool SitePatterns::Entry::fits(const SiteInfo& info) const
{
    return kind ? info.site.kind == *kind : !module->groupsAtStart(info.module).empty();
}

SitePatterns::Entry SitePatterns::read(const std::string& part)
{
    const auto sign = part.rfind('=');
    Entry entry;
    entry.text = trimmed(part.substr(0, sign));
    const std::string number = sign == std::string::npos ? "" : trimmed(part.substr(sign + 1));
    const char* const end = number.data() + number.size();
    const auto [stop, code] = std::from_chars(number.data(), end, entry.number);
    if (entry.text.empty() || code != std::errc {} || stop != end || !std::isfinite(entry.number))
        throw Error("\"" + trimmed(part) + "\" is no layer with its number.",
                    "Write for example: attn.q=16, mlp.down=4");
    entry.kind = kindOf(entry.text);
    if (!entry.kind)
        entry.module.emplace("(.*\\.)?(" + entry.text + ")$");
    return entry;
}

SitePatterns::SitePatterns(const std::string& text)
{
    if (trimmed(text).empty())
        return;
    for (const std::string& part : split(text, ','))
        m_entries.push_back(read(part));
}

std::optional<double> SitePatterns::find(const SiteInfo& info) const
{
    const auto entry =
        std::ranges::find_if(m_entries, [&](const Entry& e) { return e.fits(info); });
    return entry == m_entries.end() ? std::nullopt : std::optional(entry->number);
}

std::vector<std::string> SitePatterns::unused(const std::vector<SiteInfo>& layers) const
{
    std::vector<std::string> texts;
    for (const Entry& entry : m_entries)
        if (std::ranges::none_of(layers, [&](const SiteInfo& info) { return entry.fits(info); }))
            texts.push_back(entry.text);
    return texts;
}

} // namespace tw
