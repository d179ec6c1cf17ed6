// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/weight_training.h"

#include "core/adaptation/site_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <map>

namespace tw {
namespace {

constexpr std::array kNorms {
    SiteKind::EmbedNorm, SiteKind::EmbedRelativeNorm, SiteKind::Norm1,     SiteKind::AttnQNorm,
    SiteKind::AttnKNorm, SiteKind::Norm1Out,          SiteKind::CrossNorm, SiteKind::Norm2,
    SiteKind::Norm2Out,  SiteKind::FinalNorm,         SiteKind::HeadNorm};
constexpr std::array kTables {SiteKind::Embed,        SiteKind::EmbedPosition,
                              SiteKind::EmbedType,    SiteKind::EmbedRelative,
                              SiteKind::EmbedProject, SiteKind::EmbedPatch};
/// Vectors that are no part of a module: their names are whole, as those of positions of patches.
constexpr std::array kScales {SiteKind::AttnScale, SiteKind::MlpScale};
constexpr SiteKind kLoneBias = SiteKind::HeadBias;

bool contains(const auto& kinds, SiteKind kind)
{
    return std::ranges::find(kinds, kind) != kinds.end();
}

} // namespace

const std::vector<SiteKind>& weightSites()
{
    static const std::vector<SiteKind> all = [] {
        std::vector<SiteKind> kinds(kTables.begin(), kTables.end());
        kinds.insert(kinds.end(), linearSites().begin(), linearSites().end());
        kinds.insert(kinds.end(), kNorms.begin(), kNorms.end());
        kinds.insert(kinds.end(), kScales.begin(), kScales.end());
        kinds.push_back(SiteKind::HeadProject);
        kinds.push_back(SiteKind::Head);
        kinds.push_back(kLoneBias);
        return kinds;
    }();
    return all;
}

bool isNormSite(SiteKind kind)
{
    return contains(kNorms, kind);
}

std::int64_t weightCount(const SiteInfo& info)
{
    if (!info.hasWeight || info.site.kind == kLoneBias)
        return 0;
    const bool isVector = isNormSite(info.site.kind) || contains(kScales, info.site.kind);
    return isVector ? info.out : info.in * info.out;
}

std::int64_t biasCount(const SiteInfo& info)
{
    return info.hasWeight && (info.hasBias || info.site.kind == kLoneBias) ? info.out : 0;
}

std::int64_t weightCount(const std::vector<SiteInfo>& sites)
{
    std::int64_t count = 0;
    for (const SiteInfo& info : sites)
        count += weightCount(info) + biasCount(info);
    return count;
}

std::vector<PlacedWeight> weightsAt(const Model& model, const std::vector<SiteInfo>& chosen)
{
    const NamedTensors weights = model.weights();
    const std::map<std::string, at::Tensor> byName(weights.begin(), weights.end());
    std::vector<PlacedWeight> all;
    const auto add = [&](const SiteInfo& info, const std::string& name, bool isBias) {
        if (const auto it = byName.find(name); it != byName.end())
            all.push_back({info, name, isBias, it->second});
    };
    for (const SiteInfo& info : chosen) {
        if (!info.hasWeight)
            continue;
        if (contains(kScales, info.site.kind) || byName.contains(info.module)) {
            add(info, info.module, info.site.kind == kLoneBias);
            continue;
        }
        add(info, info.module + ".weight", false);
        if (info.hasBias)
            add(info, info.module + ".bias", true);
    }
    return all;
}

void trainWeight(const Model& model,
                 const PlacedWeight& weight,
                 const at::Tensor& value,
                 AdapterParts& parts,
                 const std::string& storedAs)
{
    const bool isTied = weight.info.site.kind == SiteKind::Embed && model.config().tiesHead;
    parts.weights.push_back({weight.name, storedAs.empty() ? weight.name : storedAs,
                             value.detach().clone(), true, isTied});
}

Problems checkWeightSites(const std::string& title,
                          const std::vector<SiteKind>& possible,
                          const std::vector<SiteInfo>& sites,
                          const SiteSelection& selection)
{
    Problems problems = checkSelection(title, possible, sites, selection);
    const auto chosen = chosenSites(sites, selection);
    if (problems.empty() && std::ranges::none_of(chosen, &SiteInfo::hasWeight))
        problems.push_back({"sites", "The chosen sites have no weight of their own to train.",
                            "Choose linear layers, norms or the embedding.", false});
    return problems;
}

} // namespace tw
