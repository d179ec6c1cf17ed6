// SPDX-License-Identifier: Apache-2.0
// Full fine-tuning: the weights at the chosen sites are trained where they stand.

#include "core/adaptation/layer_rates.h"
#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/weight_training.h"

#include <ATen/core/Tensor.h>

#include <map>

namespace tw {
namespace {

struct FullOptions
{
    double layerDecay = 1.0;
    std::string layerDecayFrom = "revisit";
};

ParamTable<FullOptions> params()
{
    ParamTable<FullOptions> table;
    addLayerRates(table, &FullOptions::layerDecay, &FullOptions::layerDecayFrom);
    return table;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& /*context*/)
{
    const FullOptions options = params().read(values);
    AdapterParts parts;
    std::map<std::string, Treatment> treatments;
    for (const PlacedWeight& weight : weightsAt(model, chosenSites(model.sites(), selection))) {
        trainWeight(model, weight, weight.value, parts);
        treatments[weight.name].rate =
            rateAt({options.layerDecay, options.layerDecayFrom}, weight.info.site, model.sites());
    }
    parts.treatment = [treatments](const std::string& name) { return treatments.at(name); };
    return attachParts(model, std::move(parts), ownConfigWriter("full", selection, values));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& /*values*/)
{
    return weightCount(chosen);
}

} // namespace

void registerFull(Registry<Adaptation>& registry)
{
    Adaptation full;
    full.id = "full";
    full.title = QT_TRANSLATE_NOOP("full", "Full fine-tuning");
    full.summary = QT_TRANSLATE_NOOP(
        "full", "Trains the model's own weights: the most room to learn, and to forget.");
    full.traits = {Trait::Merges};
    full.paper = "The usual practice since Devlin et al. 2019, BERT";
    full.siteKinds = weightSites();
    full.defaultSites = weightSites();
    full.params = params().specs();
    full.parameterCount = parameterCount;
    full.check = [](const auto& sites, const auto& selection, const auto& /*values*/) {
        return checkWeightSites("Full fine-tuning", weightSites(), sites, selection);
    };
    full.attach = attach;
    full.takesWeights = true;
    registry.add(std::move(full));
}

} // namespace tw
