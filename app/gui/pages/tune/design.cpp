// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/design.h"

#include "app/gui/pages/tune/layer_range.h"

#include <algorithm>

namespace tw {
namespace {

constexpr const char* kPrompt = "prompt";
/// What documents write for a site that stands outside of the layers.
constexpr const char* kWhole = "-1";

enum Group
{
    Attention,
    Cross,
    Mlp,
    Places,
    Whole,
    Prompt
};

int groupOf(const SiteRow& row)
{
    if (row.site == kPrompt)
        return Prompt;
    if (row.layers.empty() || row.layers.back() < 0)
        return Whole;
    if (!row.isLinear)
        return Places;
    return row.site.starts_with("cross.") ? Cross : row.site.starts_with("mlp.") ? Mlp : Attention;
}

bool contains(const std::vector<std::string>& all, const std::string& one)
{
    return std::find(all.begin(), all.end(), one) != all.end();
}

int layersOf(const ModelSummary& model)
{
    int layers = 0;
    for (const SiteRow& row : model.sites) {
        if (!row.layers.empty())
            layers = std::max(layers, row.layers.back() + 1);
    }
    return layers;
}

} // namespace

Design::Design(const ModelSummary& model, const std::vector<PluginInfo>& methods)
    : m_layers(layersOf(model))
    , m_methods(methods)
{
    for (const SiteRow& site : model.sites) {
        auto row = std::find_if(m_rows.begin(), m_rows.end(),
                                [&](const DesignRow& known) { return known.site == site.site; });
        if (row == m_rows.end()) {
            const int group = groupOf(site);
            const bool isWhole = group >= Whole;
            const auto entries = static_cast<std::size_t>(isWhole ? 1 : m_layers);
            row = m_rows.insert(m_rows.end(),
                                {site.site, group, isWhole, std::vector<bool>(entries, isWhole)});
        }
        for (const std::int32_t layer : site.layers) {
            if (!row->isWhole && layer >= 0)
                row->exists[static_cast<std::size_t>(layer)] = true;
        }
    }
    std::stable_sort(m_rows.begin(), m_rows.end(),
                     [](const DesignRow& a, const DesignRow& b) { return a.group < b.group; });
}

const PluginInfo* Design::method(const std::string& id) const
{
    const auto found = std::find_if(m_methods.begin(), m_methods.end(),
                                    [&](const PluginInfo& m) { return m.id == id; });
    return found == m_methods.end() ? nullptr : &*found;
}

bool Design::canSit(const std::string& id, const DesignRow& row) const
{
    const PluginInfo* info = method(id);
    return info != nullptr && contains(info->sites, row.site);
}

bool Design::mayShare(const std::string& a, const std::string& b, const DesignRow& row) const
{
    const PluginInfo* first = method(a);
    const PluginInfo* second = method(b);
    if (first == nullptr || second == nullptr || a == b || row.group == Prompt)
        return false;
    return !(first->takesWeights && second->takesWeights);
}

std::string Design::firstFor(const DesignRow& row) const
{
    for (const PluginInfo& info : m_methods) {
        if (canSit(info.id, row))
            return info.id;
    }
    return {};
}

DesignFlags Design::usual(const std::string& id) const
{
    const PluginInfo* info = method(id);
    DesignFlags flags;
    for (const DesignRow& row : m_rows) {
        const bool isUsual = info != nullptr && contains(info->defaultSites, row.site);
        flags.push_back(isUsual ? row.exists : std::vector<bool>(row.exists.size(), false));
    }
    return flags;
}

DesignFlags Design::linear(const std::string& id, int firstLayer) const
{
    DesignFlags flags;
    for (const DesignRow& row : m_rows) {
        flags.emplace_back(row.exists.size(), false);
        if (row.group > Mlp || !canSit(id, row))
            continue;
        for (auto layer = static_cast<std::size_t>(firstLayer); layer < row.exists.size(); ++layer)
            flags.back()[layer] = row.exists[layer];
    }
    return flags;
}

DesignFlags Design::placesOf(const AdaptationChoice& choice) const
{
    if (choice.sites.empty() && choice.from.empty())
        return usual(choice.method);
    DesignFlags flags;
    for (const DesignRow& row : m_rows) {
        flags.emplace_back(row.exists.size(), false);
        const auto found = choice.sites.find(row.site);
        if (found == choice.sites.end() || !choice.from.empty())
            continue; // a stored adapter sits where it says itself
        if (row.isWhole) {
            flags.back().front() = !found->second.empty();
            continue;
        }
        const std::vector<bool> named = layersFrom(found->second, m_layers);
        for (std::size_t layer = 0; layer < named.size(); ++layer)
            flags.back()[layer] = named[layer] && row.exists[layer];
    }
    return flags;
}

std::map<std::string, std::string> Design::sitesText(const DesignFlags& flags) const
{
    std::map<std::string, std::string> sites;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        const std::string layers = layersText(flags[row]);
        if (!layers.empty())
            sites[m_rows[row].site] = m_rows[row].isWhole ? kWhole : layers;
    }
    // No entry at all would mean the usual sites.
    if (sites.empty() && !m_rows.empty())
        sites[m_rows.front().site] = std::string();
    return sites;
}

AdaptationChoice Design::choice(const std::string& id, const DesignFlags& flags) const
{
    return {id, sitesText(flags), {}};
}

void Design::set(AdaptationChoice& choice, const std::vector<DesignPlace>& places, bool isOn) const
{
    DesignFlags flags = placesOf(choice);
    for (const DesignPlace& place : places)
        flags[static_cast<std::size_t>(place.row)][static_cast<std::size_t>(place.layer)] = isOn;
    choice.sites = sitesText(flags);
}

int Design::attach(Experiment& e, const Hand& hand, const std::vector<DesignPlace>& places) const
{
    int mine = hand.adaptation;
    if (mine < 0) {
        mine = static_cast<int>(e.adaptations.size());
        AdaptationChoice added;
        added.method = hand.method;
        added.sites = sitesText(DesignFlags(m_rows.size()));
        e.adaptations.push_back(std::move(added));
    }
    set(e.adaptations[static_cast<std::size_t>(mine)], places, true);
    for (int other = static_cast<int>(e.adaptations.size()) - 1; other >= 0; --other) {
        AdaptationChoice& choice = e.adaptations[static_cast<std::size_t>(other)];
        if (other == mine || !isAnywhere(placesOf(choice)))
            continue; // one that sits nowhere waits for places of its own
        std::vector<DesignPlace> lost = places;
        std::erase_if(lost, [&](const DesignPlace& place) {
            return mayShare(choice.method, hand.method,
                            m_rows[static_cast<std::size_t>(place.row)]);
        });
        if (lost.empty())
            continue;
        set(choice, lost, false);
        if (isAnywhere(placesOf(choice)))
            continue;
        e.adaptations.erase(e.adaptations.begin() + other);
        mine -= other < mine ? 1 : 0;
    }
    return mine;
}

void Design::detach(Experiment& e, int adaptation, const std::vector<DesignPlace>& places) const
{
    set(e.adaptations.at(static_cast<std::size_t>(adaptation)), places, false);
}

bool isAnywhere(const DesignFlags& flags)
{
    return countOf(flags) > 0;
}

int countOf(const DesignFlags& flags)
{
    int count = 0;
    for (const std::vector<bool>& row : flags)
        count += static_cast<int>(std::count(row.begin(), row.end(), true));
    return count;
}

} // namespace tw
