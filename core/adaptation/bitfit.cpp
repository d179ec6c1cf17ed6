// SPDX-License-Identifier: Apache-2.0
// BitFit (Ben Zaken et al. 2022): only the biases that the model has are trained, each where it
// stands: y = W x + b with W frozen.

#include "core/adaptation/own_method.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/weight_training.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace tw {
namespace {

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& values,
                                const AttachContext& /*context*/)
{
    AdapterParts parts;
    for (const PlacedWeight& weight : weightsAt(model, chosenSites(model.sites(), selection)))
        if (weight.isBias)
            trainWeight(model, weight, weight.value, parts);
    return attachParts(model, std::move(parts), ownConfigWriter("bitfit", selection, values));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& /*values*/)
{
    std::int64_t count = 0;
    for (const SiteInfo& info : chosen)
        count += biasCount(info);
    return count;
}

Problems check(const std::vector<SiteInfo>& sites,
               const SiteSelection& selection,
               const ParamValues& /*values*/)
{
    Problems problems = checkSelection("BitFit", weightSites(), sites, selection);
    const auto hasBias = [](const auto& all) { return std::ranges::any_of(all, biasCount); };
    if (!hasBias(sites))
        problems.push_back({"sites", "This model has no biases, so BitFit has nothing to train.",
                            "Choose norm tuning or LoRA: Llama and its relatives have no biases.",
                            false});
    else if (!hasBias(chosenSites(sites, selection)))
        problems.push_back({"sites",
                            "The chosen sites have no biases, so nothing would be trained.",
                            "Choose sites with a bias; norms and linear layers of this model "
                            "differ.",
                            false});
    return problems;
}

} // namespace

void registerBitfit(Registry<Adaptation>& registry)
{
    Adaptation bitfit;
    bitfit.id = "bitfit";
    bitfit.title = QT_TRANSLATE_NOOP("bitfit", "BitFit");
    bitfit.summary =
        QT_TRANSLATE_NOOP("bitfit", "Trains only the biases: a thousandth of the model.");
    bitfit.traits = {Trait::Merges, Trait::KeepsKnowledge, Trait::SmallMemory};
    bitfit.paper = "Ben Zaken et al. 2022, BitFit: Simple Parameter-efficient Fine-tuning for "
                   "Transformer-based Masked Language-models";
    bitfit.siteKinds = weightSites();
    bitfit.defaultSites = weightSites();
    bitfit.parameterCount = parameterCount;
    bitfit.check = check;
    bitfit.attach = attach;
    bitfit.takesWeights = true;
    registry.add(std::move(bitfit));
}

} // namespace tw
