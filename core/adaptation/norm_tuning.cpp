// SPDX-License-Identifier: Apache-2.0
// Norm tuning (Zhao et al. 2024): only the weights and biases of the norms are trained. Written as
// PEFT's LN_TUNING.

#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/adaptation/weight_training.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace tw {
namespace {

const std::vector<SiteKind>& normSites()
{
    static const std::vector<SiteKind> kinds = [] {
        std::vector<SiteKind> norms;
        std::ranges::copy_if(weightSites(), std::back_inserter(norms), isNormSite);
        return norms;
    }();
    return kinds;
}

std::unique_ptr<Adapter> attach(Model& model,
                                const SiteSelection& selection,
                                const ParamValues& /*values*/,
                                const AttachContext& /*context*/)
{
    AdapterParts parts;
    const auto chosen = chosenSites(model.sites(), selection);
    for (const PlacedWeight& weight : weightsAt(model, chosen)) {
        const std::string part = weight.isBias ? ".bias" : ".weight";
        trainWeight(model, weight, weight.value, parts,
                    weight.info.module + ".ln_tuning_layers" + part);
    }
    return attachParts(
        model, std::move(parts),
        peftConfigWriter("LN_TUNING", {{"exclude_modules", nullptr}}, chosen, model));
}

std::int64_t parameterCount(const std::vector<SiteInfo>& chosen, const ParamValues& /*values*/)
{
    return weightCount(chosen);
}

} // namespace

void registerNormTuning(Registry<Adaptation>& registry)
{
    Adaptation norms;
    norms.id = "norm_tuning";
    norms.title = QT_TRANSLATE_NOOP("norm_tuning", "Norm tuning");
    norms.summary = QT_TRANSLATE_NOOP(
        "norm_tuning", "Trains only the norms: a few numbers for each layer, in any model.");
    norms.traits = {Trait::Merges, Trait::KeepsKnowledge, Trait::SmallMemory};
    norms.paper = "Zhao et al. 2024, Tuning LayerNorm in Attention: Towards Efficient Multi-Modal "
                  "LLM Finetuning";
    norms.siteKinds = normSites();
    norms.defaultSites = normSites();
    norms.parameterCount = parameterCount;
    norms.check = [](const auto& sites, const auto& selection, const auto& /*values*/) {
        return checkWeightSites("Norm tuning", normSites(), sites, selection);
    };
    norms.attach = attach;
    norms.takesWeights = true;
    registry.add(std::move(norms));
}

} // namespace tw
