// SPDX-License-Identifier: Apache-2.0
// HuBERT (Hsu et al. 2021): wav2vec 2.0, taught by clusters of its own states.

#include "core/base/translate.h"
#include "core/model/registry.h"
#include "core/model/wave_model.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr const char* kPrefix = "hubert.";

ModelConfig configFromJson(const std::string& configJson)
{
    ModelConfig to = waveConfig(JsonKeys(parseJson(configJson, "config.json")));
    to.family = "hubert";
    return to;
}

Tensors baseOutputs(const at::Tensor& hidden, const at::Tensor&, const FrameRows& rows)
{
    return {{"last_hidden_state", rows.spread(hidden)}};
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    return buildWave(source, kPrefix, baseOutputs, weights);
}

} // namespace

void registerHubert(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "hubert";
    family.title = QT_TRANSLATE_NOOP("family", "HuBERT");
    family.reads = [](const std::string& architecture) {
        return architecture == "HubertModel" || architecture == "HubertForCTC"
            || architecture == "HubertForSequenceClassification";
    };
    family.configFromJson = configFromJson;
    family.names = [](const ModelConfig&) { return waveNames(kPrefix); };
    family.prefix = kPrefix;
    family.otherName = oldKernelName;
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
