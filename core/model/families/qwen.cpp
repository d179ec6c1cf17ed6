// SPDX-License-Identifier: Apache-2.0
// Qwen2 and Qwen2.5 (Yang et al. 2024): Llama with biases on q, k and v. Qwen3 (2025): without
// them, q and k normalised in each head.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

namespace tw {
namespace {

/// Layers from max_window_layers on have the window, if use_sliding_window says that any has;
/// newer files say it of each layer.
void readWindow(const JsonKeys& keys, ModelConfig& to)
{
    const bool isWindowless =
        keys.says("sliding_window") && keys.find("sliding_window") == nullptr; // null: none
    if (isWindowless || !keys.flag("use_sliding_window", false))
        return;
    to.slidingWindow = keys.integer("sliding_window", 4096);
    const std::int64_t first = keys.integer("max_window_layers", 28);
    const Json* kinds = keys.find("layer_types");
    const bool isListed = kinds != nullptr && kinds->is_array();
    for (std::int64_t layer = 0; layer < to.layers; ++layer)
        to.hasWindow.push_back(isListed && static_cast<std::size_t>(layer) < kinds->size()
                                   ? (*kinds)[static_cast<std::size_t>(layer)]
                                       == "sliding_attention"
                                   : layer >= first);
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    const bool isThird = keys.text("model_type", "") == "qwen3";
    DecoderDefaults defaults {32, std::nullopt, 32768};
    if (isThird)
        defaults.headSize = 128;
    ModelConfig to = decoderConfig(keys, defaults);
    to.family = "qwen";
    to.hasQkvBias = !isThird || keys.flag("attention_bias", false);
    to.hasOutputBias = isThird && to.hasQkvBias;
    to.qkNorm = isThird ? QkNorm::PerHead : QkNorm::None;
    readWindow(keys, to);
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    const GgufKeys keys(gguf);
    ModelConfig to = decoderConfig(gguf, keys);
    to.family = "qwen";
    to.architecture = keys.architecture() == "qwen3" ? "Qwen3ForCausalLM" : "Qwen2ForCausalLM";
    return to;
}

} // namespace

void registerQwen(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "qwen";
    family.title = QT_TRANSLATE_NOOP("family", "Qwen2, Qwen2.5 and Qwen3");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("Qwen2For") || architecture.starts_with("Qwen3For")
            || architecture == "Qwen2Model" || architecture == "Qwen3Model"
            || architecture == "qwen2" || architecture == "qwen3";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.prefix = "model.";
    family.names = [](const ModelConfig&) { return decoderNames(); };
    family.ggufName = [](const std::string& name, const ModelConfig&) {
        return decoderGgufName(name);
    };
    registry.add(std::move(family));
}

} // namespace tw
