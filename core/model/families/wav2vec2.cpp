// SPDX-License-Identifier: Apache-2.0
// wav2vec 2.0 (Baevski et al. 2020): a transformer over convolutions of samples.

#include "core/base/translate.h"
#include "core/model/registry.h"
#include "core/model/wave_model.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr const char* kPrefix = "wav2vec2.";

ModelConfig configFromJson(const std::string& configJson)
{
    ModelConfig to = waveConfig(JsonKeys(parseJson(configJson, "config.json")));
    to.family = "wav2vec2";
    return to;
}

Tensors baseOutputs(const at::Tensor& hidden, const at::Tensor& features, const FrameRows& rows)
{
    return {{"last_hidden_state", rows.spread(hidden)},
            {"extract_features", rows.spread(features)}};
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    return buildWave(source, kPrefix, baseOutputs, weights);
}

} // namespace

void registerWav2vec2(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "wav2vec2";
    family.title = QT_TRANSLATE_NOOP("family", "wav2vec 2.0");
    family.reads = [](const std::string& architecture) {
        return architecture == "Wav2Vec2Model" || architecture == "Wav2Vec2ForCTC"
            || architecture == "Wav2Vec2ForSequenceClassification";
    };
    family.configFromJson = configFromJson;
    family.names = [](const ModelConfig&) { return waveNames(kPrefix); };
    family.prefix = kPrefix;
    family.otherName = oldKernelName;
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
