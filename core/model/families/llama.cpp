// SPDX-License-Identifier: Apache-2.0
// Llama (Touvron et al. 2023) and what has its shape: SmolLM2, Mistral (Jiang et al. 2023).

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    const bool isMistral = keys.text("model_type", "") == "mistral";
    ModelConfig to = decoderConfig(
        keys, isMistral ? DecoderDefaults {8, std::nullopt, 4096 * 32} : DecoderDefaults {});
    to.family = "llama";
    to.hasQkvBias = to.hasOutputBias = !isMistral && keys.flag("attention_bias", false);
    to.hasMlpBias = !isMistral && keys.flag("mlp_bias", false);
    const bool isWindowless =
        keys.says("sliding_window") && keys.find("sliding_window") == nullptr; // null: none
    if (isMistral && !isWindowless)
        to.slidingWindow = keys.integer("sliding_window", 4096);
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    ModelConfig to = decoderConfig(gguf, GgufKeys(gguf));
    to.family = "llama";
    to.architecture = "LlamaForCausalLM";
    return to;
}

/// llama.cpp turns neighbouring dimensions against each other, Hugging Face the two halves of a
/// head: its converter interleaves the rows of q and k, which is undone here.
at::Tensor fromGguf(const std::string& name, const at::Tensor& stored, const ModelConfig& config)
{
    const bool isQ = name.find(".q_proj.") != std::string::npos;
    const bool isK = name.find(".k_proj.") != std::string::npos;
    if (!isQ && !isK)
        return stored;
    const std::int64_t heads = isQ ? config.heads : config.kvHeads;
    return stored.reshape({heads, config.headSize / 2, 2, -1})
        .transpose(1, 2)
        .reshape(stored.sizes());
}

} // namespace

void registerLlama(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "llama";
    family.title = QT_TRANSLATE_NOOP("family", "Llama, SmolLM2 and Mistral");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("LlamaFor") || architecture.starts_with("MistralFor")
            || architecture == "LlamaModel" || architecture == "MistralModel"
            || architecture == "llama";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.prefix = "model.";
    family.names = [](const ModelConfig&) { return decoderNames(); };
    family.ggufName = [](const std::string& name, const ModelConfig&) {
        return decoderGgufName(name);
    };
    family.fromGguf = fromGguf;
    registry.add(std::move(family));
}

} // namespace tw
