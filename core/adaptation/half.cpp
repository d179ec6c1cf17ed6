// SPDX-License-Identifier: Apache-2.0
// Half fine-tuning (Hui et al. 2024): theta <- theta - eta M grad with M in {0, 1} constant on each
// matrix. A random half of the matrices of each category is trained and the other half stays as it
// is; another seed draws another half for the next stage.

#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/weight_training.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace tw {
namespace {

struct HalfOptions
{
    double ratio = 0.5;
    std::string selection = "category";
    bool trainsEnds = true;
    std::int64_t seed = 0;
};

ParamTable<HalfOptions> params()
{
    ParamTable<HalfOptions> table;
    table.add(&HalfOptions::ratio, "ratio", QT_TRANSLATE_NOOP("half", "Trained share"))
        .help(QT_TRANSLATE_NOOP("half", "Share of the matrices of each kind that is trained."))
        .range(0, 1)
        .source("Hui et al. 2024");
    table.add(&HalfOptions::selection, "selection", QT_TRANSLATE_NOOP("half", "Drawn among"))
        .help(QT_TRANSLATE_NOOP("half",
                                "What the draw is balanced over: attention, MLP and norms of each "
                                "block, whole blocks, or all matrices of the model."))
        .choices({{"category", QT_TRANSLATE_NOOP("half", "Each category of a block")},
                  {"layer", QT_TRANSLATE_NOOP("half", "Whole blocks")},
                  {"model", QT_TRANSLATE_NOOP("half", "All matrices")}})
        .source("Hui et al. 2024 compare the three")
        .advanced();
    table
        .add(&HalfOptions::trainsEnds, "ends",
             QT_TRANSLATE_NOOP("half", "Train embeddings and head"))
        .help(QT_TRANSLATE_NOOP("half",
                                "They lie outside of the halving: all of them or none is trained."))
        .source("an independent code's reading of the paper")
        .advanced();
    table.add(&HalfOptions::seed, "seed", QT_TRANSLATE_NOOP("half", "Seed of the draw"))
        .help(QT_TRANSLATE_NOOP("half",
                                "Which half it is. Take another one for each stage of a recipe, so "
                                "that what was frozen may train then."))
        .range(0, 1e9)
        .source("our choice");
    return table;
}

enum class Category
{
    Attention,
    Cross,
    Mlp,
    Norm
};

Category categoryOf(SiteKind kind)
{
    switch (kind) {
    case SiteKind::CrossQ:
    case SiteKind::CrossK:
    case SiteKind::CrossV:
    case SiteKind::CrossO:
        return Category::Cross;
    case SiteKind::MlpGateUp:
    case SiteKind::MlpGate:
    case SiteKind::MlpUp:
    case SiteKind::MlpDown:
    case SiteKind::MlpScale:
        return Category::Mlp;
    default:
        return isNormSite(kind) ? Category::Norm : Category::Attention;
    }
}

/// Positions among the chosen sites.
using Places = std::vector<std::size_t>;

Places drawn(const Places& from, std::int64_t count, RandomStream& random)
{
    Places some;
    const auto order = random.permutation(static_cast<std::int64_t>(from.size()));
    for (std::int64_t i = 0; i < count; ++i)
        some.push_back(from[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
    return some;
}

/// A share of each layer's sites. Where it is no whole number, as 1.5 of 3, some of the layers
/// train one more than the others, so that the sum is right.
Places
drawnFromLayers(const std::map<std::int32_t, Places>& layers, double ratio, RandomStream& random)
{
    Places trained;
    double exact = 0.0;
    std::int64_t least = 0;
    for (const auto& [layer, places] : layers) {
        exact += ratio * static_cast<double>(places.size());
        least += static_cast<std::int64_t>(ratio * static_cast<double>(places.size()));
    }
    std::int64_t more = std::llround(exact) - least;
    std::vector<std::int32_t> order;
    for (const auto& [layer, places] : layers)
        order.push_back(layer);
    for (const std::int64_t i : random.permutation(static_cast<std::int64_t>(order.size()))) {
        const Places& places = layers.at(order[static_cast<std::size_t>(i)]);
        const double share = ratio * static_cast<double>(places.size());
        const bool takesMore = more > 0 && share > std::floor(share);
        more -= takesMore ? 1 : 0;
        const auto count = static_cast<std::int64_t>(share) + (takesMore ? 1 : 0);
        const Places some = drawn(places, count, random);
        trained.insert(trained.end(), some.begin(), some.end());
    }
    return trained;
}

Places drawnPlaces(const std::vector<SiteInfo>& chosen, const HalfOptions& options)
{
    RandomStream random(static_cast<std::uint64_t>(options.seed), "half");
    std::map<Category, std::map<std::int32_t, Places>> categories;
    std::map<std::int32_t, Places> layers;
    Places all;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const Site site = chosen[i].site;
        if (site.layer < 0 || !chosen[i].hasWeight)
            continue;
        categories[categoryOf(site.kind)][site.layer].push_back(i);
        layers[site.layer].push_back(i);
        all.push_back(i);
    }
    const auto share = [&](std::size_t count) {
        return std::llround(options.ratio * static_cast<double>(count));
    };
    Places trained;
    if (options.selection == "model")
        return drawn(all, share(all.size()), random);
    if (options.selection == "layer") {
        const auto order = random.permutation(static_cast<std::int64_t>(layers.size()));
        for (std::int64_t i = 0; i < share(layers.size()); ++i) {
            const auto place = std::next(layers.begin(), order[static_cast<std::size_t>(i)]);
            trained.insert(trained.end(), place->second.begin(), place->second.end());
        }
        return trained;
    }
    for (const auto& [category, of] : categories) {
        const Places some = drawnFromLayers(of, options.ratio, random);
        trained.insert(trained.end(), some.begin(), some.end());
    }
    return trained;
}

/// Those of the chosen sites that are trained, in their order.
std::vector<SiteInfo> trainedOf(const std::vector<SiteInfo>& chosen, const HalfOptions& options)
{
    Places places = drawnPlaces(chosen, options);
    for (std::size_t i = 0; i < chosen.size(); ++i)
        if (chosen[i].site.layer < 0 && chosen[i].hasWeight && options.trainsEnds)
            places.push_back(i);
    std::ranges::sort(places);
    std::vector<SiteInfo> trained;
    for (const std::size_t place : places)
        trained.push_back(chosen[place]);
    return trained;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& /*context*/)
{
    AdapterParts parts;
    const auto trained = trainedOf(chosenSites(model.sites(), selection), params().read(values));
    for (const PlacedWeight& weight : weightsAt(model, trained))
        trainWeight(model, weight, weight.value, parts); // a bias follows its matrix
    return attachParts(model, std::move(parts), ownConfigWriter("half", selection, values));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    return weightCount(trainedOf(chosen, params().read(values)));
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkWeightSites("Half fine-tuning", weightSites(), sites, selection);
    if (problems.empty() && parameterCount(chosenSites(sites, selection), values) == 0)
        problems.push_back({"settings.ratio", "With this share nothing would be trained.",
                            "Raise it, or choose more sites.", false});
    return problems;
}

} // namespace

void registerHalf(Registry<Adaptation>& registry)
{
    Adaptation half;
    half.id = "half";
    half.title = QT_TRANSLATE_NOOP("half", "Half fine-tuning");
    half.summary = QT_TRANSLATE_NOOP(
        "half", "Full fine-tuning of a random half of the matrices: forgets less.");
    half.traits = {Trait::Merges, Trait::KeepsKnowledge};
    half.paper = "Hui et al. 2024, HFT: Half Fine-Tuning for Large Language Models";
    half.isReimplemented = true;
    half.siteKinds = weightSites();
    half.defaultSites = weightSites();
    half.params = params().specs();
    half.parameterCount = parameterCount;
    half.check = check;
    half.attach = attach;
    half.takesWeights = true;
    registry.add(std::move(half));
}

} // namespace tw
