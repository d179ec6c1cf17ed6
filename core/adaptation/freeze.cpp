// SPDX-License-Identifier: Apache-2.0
// Layer freezing: full fine-tuning of some blocks while the others stay as they are (Telly, Shi et
// al. 2023: embeddings and the bottom K), with what steadies small data sets beside it: learning
// rates that fall towards the input, and top blocks that begin anew (Tinn et al. 2021).

#include "core/adaptation/layer_rates.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/weight_training.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

namespace tw {
namespace {

/// Transformers' initializer_range.
constexpr double kFreshDeviation = 0.02;

struct FreezeOptions
{
    std::int64_t bottom = 1;
    std::int64_t top = 0;
    std::string pattern = "all";
    bool freezesEmbeddings = true;
    std::int64_t reinitTop = 0;
    double layerDecay = 1.0;
    std::string layerDecayFrom = "revisit";
};

ParamTable<FreezeOptions> params()
{
    ParamTable<FreezeOptions> table;
    table.add(&FreezeOptions::bottom, "bottom", QT_TRANSLATE_NOOP("freeze", "Frozen at the bottom"))
        .help(QT_TRANSLATE_NOOP("freeze",
                                "Blocks next to the input that stay as they are. Half of them is "
                                "a good start; nothing is computed backwards through them."))
        .range(0, 1000)
        .unit(QT_TRANSLATE_NOOP("freeze", "blocks"))
        .source("our choice; Telly takes 5 of 12, the biomedical study half");
    table.add(&FreezeOptions::top, "top", QT_TRANSLATE_NOOP("freeze", "Frozen at the top"))
        .help(QT_TRANSLATE_NOOP("freeze", "Blocks next to the output that stay as they are."))
        .range(0, 1000)
        .unit(QT_TRANSLATE_NOOP("freeze", "blocks"))
        .source("our choice")
        .advanced();
    table.add(&FreezeOptions::pattern, "pattern", QT_TRANSLATE_NOOP("freeze", "Of the others"))
        .help(QT_TRANSLATE_NOOP("freeze", "Which of the remaining blocks are trained."))
        .choices({{"all", QT_TRANSLATE_NOOP("freeze", "All are trained")},
                  {"even", QT_TRANSLATE_NOOP("freeze", "Blocks 0, 2, 4 ... are trained")},
                  {"odd", QT_TRANSLATE_NOOP("freeze", "Blocks 1, 3, 5 ... are trained")}})
        .source("our choice")
        .advanced();
    table
        .add(&FreezeOptions::freezesEmbeddings, "embeddings",
             QT_TRANSLATE_NOOP("freeze", "Freeze the embeddings"))
        .help(QT_TRANSLATE_NOOP("freeze",
                                "Token and position tables stay as they are; a head tied to them "
                                "does, too."))
        .source("Shi et al. 2023, Telly")
        .advanced();
    table
        .add(&FreezeOptions::reinitTop, "reinitTop",
             QT_TRANSLATE_NOOP("freeze", "Begin anew at the top"))
        .help(QT_TRANSLATE_NOOP("freeze",
                                "Trained blocks next to the output that lose what they know and "
                                "start from random weights. Can help very small data sets."))
        .range(0, 6)
        .unit(QT_TRANSLATE_NOOP("freeze", "blocks"))
        .source("Zhang et al. 2021, Revisiting Few-sample BERT Fine-tuning")
        .advanced();
    addLayerRates(table, &FreezeOptions::layerDecay, &FreezeOptions::layerDecayFrom);
    return table;
}

std::int32_t blocksOf(const std::vector<SiteInfo>& sites)
{
    std::int32_t count = 0;
    for (const SiteInfo& info : sites)
        count = std::max(count, info.site.layer + 1);
    return count;
}

bool isTrained(const SiteInfo& info, const FreezeOptions& options, std::int32_t blocks)
{
    const std::int32_t layer = info.site.layer;
    if (layer < 0)
        return isBehindLayers(info.site.kind) || !options.freezesEmbeddings;
    const bool fits = options.pattern == "all" || (layer % 2 == 0) == (options.pattern == "even");
    return layer >= options.bottom && layer < blocks - options.top && fits;
}

/// The chosen sites that are trained. Blocks are counted among the chosen ones: the method sits in
/// all of them by default.
std::vector<SiteInfo> trainedOf(std::vector<SiteInfo> chosen, const FreezeOptions& options)
{
    const std::int32_t blocks = blocksOf(chosen);
    std::erase_if(chosen, [&](const SiteInfo& info) { return !isTrained(info, options, blocks); });
    return chosen;
}

/// What a weight is before anybody has trained it.
at::Tensor freshValue(const PlacedWeight& weight, bool addsOneToNorm, RandomStream& random)
{
    at::Tensor value = at::zeros_like(weight.value);
    if (weight.isBias)
        return value;
    if (weight.value.dim() < 2)
        return addsOneToNorm ? value : value.fill_(1.0);
    auto* numbers = value.mutable_data_ptr<float>();
    std::generate(numbers, numbers + value.numel(),
                  [&] { return static_cast<float>(kFreshDeviation * random.normal()); });
    return value;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& context)
{
    const FreezeOptions options = params().read(values);
    const std::int32_t firstFresh =
        blocksOf(model.sites()) - static_cast<std::int32_t>(options.reinitTop);
    AdapterParts parts;
    std::map<std::string, Treatment> treatments;
    const auto trained = trainedOf(chosenSites(model.sites(), selection), options);
    for (const PlacedWeight& weight : weightsAt(model, trained)) {
        const bool isFresh = weight.info.site.layer >= std::max(0, firstFresh);
        trainWeight(model, weight,
                    isFresh ? freshValue(weight, model.config().addsOneToNorm, context.random)
                            : weight.value,
                    parts);
        treatments[weight.name].rate =
            rateAt({options.layerDecay, options.layerDecayFrom}, weight.info.site, model.sites());
    }
    parts.treatment = [treatments](const std::string& name) { return treatments.at(name); };
    return attachParts(model, std::move(parts), ownConfigWriter("freeze", selection, values));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& values)
{
    return weightCount(trainedOf(chosen, params().read(values)));
}

Problems
check(const std::vector<SiteInfo>& sites, const SiteSelection& selection, const ParamValues& values)
{
    Problems problems = checkWeightSites("Layer freezing", weightSites(), sites, selection);
    const FreezeOptions options = params().read(values);
    const std::int32_t blocks = blocksOf(sites);
    if (options.bottom + options.top >= blocks)
        problems.push_back(
            {"settings.bottom",
             "All " + std::to_string(blocks) + " blocks of this model would be frozen.",
             "Freeze fewer than " + std::to_string(blocks) + ".", false});
    else if (problems.empty() && parameterCount(chosenSites(sites, selection), values) == 0)
        problems.push_back(
            {"settings.pattern",
             "Every chosen site lies in a frozen block, so nothing would be trained.",
             "Freeze fewer blocks, or choose sites in others.", false});
    if (options.reinitTop > blocks - options.bottom)
        problems.push_back({"settings.reinitTop", "More blocks begin anew than are trained.",
                            "Choose at most " + std::to_string(blocks - options.bottom) + ".",
                            false});
    return problems;
}

} // namespace

void registerFreeze(Registry<Adaptation>& registry)
{
    Adaptation freeze;
    freeze.id = "freeze";
    freeze.title = QT_TRANSLATE_NOOP("freeze", "Layer freezing");
    freeze.summary = QT_TRANSLATE_NOOP(
        "freeze", "Trains the upper blocks and keeps the lower ones: faster, and calmer.");
    freeze.traits = {Trait::Merges, Trait::KeepsKnowledge};
    freeze.paper = "Shi et al. 2023, Towards Efficient Fine-tuning of Pre-trained Code Models; "
                   "Tinn et al. 2021, Fine-Tuning Large Neural Language Models for Biomedical NLP";
    freeze.isReimplemented = true;
    freeze.siteKinds = weightSites();
    freeze.defaultSites = weightSites();
    freeze.params = params().specs();
    freeze.parameterCount = parameterCount;
    freeze.check = check;
    freeze.attach = attach;
    freeze.takesWeights = true;
    registry.add(std::move(freeze));
}

} // namespace tw
