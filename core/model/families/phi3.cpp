// SPDX-License-Identifier: Apache-2.0
// Phi-3, Phi-3.5 and Phi-4 (Abdin et al. 2024): Llama with fused matrices and longrope.

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = decoderConfig(keys, {std::nullopt, std::nullopt, 4096});
    to.family = "phi3";
    to.normEpsilon = keys.real("rms_norm_eps", 1e-5);
    to.qkv = QkvLayout::Stacked;
    to.fusesGateUp = true;
    if (keys.find("sliding_window") != nullptr)
        to.slidingWindow = keys.integer("sliding_window");
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    ModelConfig to = decoderConfig(gguf, GgufKeys(gguf));
    to.family = "phi3";
    to.architecture = "Phi3ForCausalLM";
    to.qkv = QkvLayout::Stacked;
    to.fusesGateUp = true;
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return decoderNames().with({{SiteKind::AttnQkv, "model.layers.{}.self_attn.qkv_proj"},
                                {SiteKind::MlpGateUp, "model.layers.{}.mlp.gate_up_proj"}});
}

} // namespace

void registerPhi3(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "phi3";
    family.title = QT_TRANSLATE_NOOP("family", "Phi-3 and Phi-4");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("Phi3For") || architecture == "Phi3Model"
            || architecture == "phi3";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.names = names;
    family.prefix = "model.";
    family.ggufName = [](const std::string& name, const ModelConfig&) {
        return decoderGgufName(name);
    };
    registry.add(std::move(family));
}

} // namespace tw
