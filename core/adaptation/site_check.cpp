// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/site_check.h"

#include <algorithm>
#include <set>

namespace tw {
namespace {

std::set<std::int32_t> layersWith(SiteKind kind, const std::vector<SiteInfo>& sites)
{
    std::set<std::int32_t> layers;
    for (const auto& info : sites)
        if (info.site.kind == kind)
            layers.insert(info.site.layer);
    return layers;
}

/// Those of the kinds that the model has, as a sentence for the person who chooses.
std::string placesIn(const std::vector<SiteInfo>& sites, const std::vector<SiteKind>& kinds)
{
    std::string all;
    for (const SiteKind kind : kinds)
        if (!layersWith(kind, sites).empty())
            all += (all.empty() ? "" : ", ") + std::string(siteId(kind));
    return all.empty() ? "This model has none of its places."
                       : "In this model it can sit at: " + all + ".";
}

} // namespace

Problems checkSelection(const std::string& method,
                        const std::vector<SiteKind>& possible,
                        const std::vector<SiteInfo>& sites,
                        const SiteSelection& selection)
{
    Problems problems;
    if (countOf(selection) == 0)
        problems.push_back({"sites", method + " is attached nowhere, so nothing would be trained.",
                            "Choose at least one site. " + placesIn(sites, possible), false});
    for (const auto& [kind, layers] : selection) {
        const std::string field = std::string("sites.") + siteId(kind);
        const auto present = layersWith(kind, sites);
        if (std::find(possible.begin(), possible.end(), kind) == possible.end()) {
            problems.push_back({field, method + " cannot sit at " + siteId(kind) + ".",
                                placesIn(sites, possible), false});
        } else if (present.empty()) {
            problems.push_back({field, std::string("This model has no ") + siteId(kind) + ".",
                                "Remove it from the sites.", false});
        } else if (const auto beyond = std::find_if(layers.begin(), layers.end(),
                                                    [&](auto l) { return !present.contains(l); });
                   beyond != layers.end()) {
            problems.push_back(
                {field,
                 "Layer " + std::to_string(*beyond) + " of " + siteId(kind)
                     + " does not exist in this model.",
                 "Its layers are " + layersText({present.begin(), present.end()}) + ".", false});
        }
    }
    return problems;
}

Problems checkRank(std::int64_t rank, const std::vector<SiteInfo>& chosen)
{
    for (const SiteInfo& info : chosen)
        if (const auto most = std::min(info.in, info.out); info.isLinear && rank > most)
            return {{"settings.rank",
                     "Rank " + std::to_string(rank) + " is larger than the layer " + info.module
                         + " (" + std::to_string(info.out) + " x " + std::to_string(info.in) + ").",
                     "Choose at most " + std::to_string(most) + ".", false}};
    return {};
}

const std::vector<SiteKind>& queriesAndValues()
{
    static const std::vector<SiteKind> kSites {SiteKind::AttnQ, SiteKind::AttnV, SiteKind::AttnQkv,
                                               SiteKind::CrossQ, SiteKind::CrossV};
    return kSites;
}

std::vector<SiteInfo> chosenSites(const std::vector<SiteInfo>& sites,
                                  const SiteSelection& selection)
{
    std::vector<SiteInfo> chosen;
    for (const auto& info : sites) {
        const auto it = selection.find(info.site.kind);
        if (it != selection.end()
            && std::find(it->second.begin(), it->second.end(), info.site.layer) != it->second.end())
            chosen.push_back(info);
    }
    return chosen;
}

} // namespace tw
