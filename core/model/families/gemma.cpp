// SPDX-License-Identifier: Apache-2.0
// Gemma (2024): norms multiply by 1 + w, token vectors by the root of their width. Gemma 2: norms
// on both sides of each part, capped scores and logits, windows in every other layer. Gemma 3:
// normed queries and keys instead of caps, a base of its own in layers with a window.

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

enum class Generation
{
    First,
    Second,
    Third
};

Generation generationOf(const std::string& modelType)
{
    return modelType.starts_with("gemma3") ? Generation::Third
        : modelType == "gemma2"            ? Generation::Second
                                           : Generation::First;
}

void common(ModelConfig& to, Generation generation)
{
    to.family = "gemma";
    to.addsOneToNorm = true;
    to.embeddingScale = std::sqrt(static_cast<double>(to.hiddenSize));
    to.normPlace = generation == Generation::First ? NormPlace::Before : NormPlace::Around;
    to.qkNorm = generation == Generation::Third ? QkNorm::PerHead : QkNorm::None;
}

/// Every pattern-th layer sees everything; newer files say it of each layer.
void readWindow(const JsonKeys& keys, ModelConfig& to, std::int64_t pattern)
{
    to.slidingWindow = keys.integer("sliding_window", 4096);
    pattern = keys.integer("sliding_window_pattern", pattern);
    const Json* kinds = keys.find("layer_types");
    for (std::int64_t layer = 0; layer < to.layers; ++layer) {
        const auto place = static_cast<std::size_t>(layer);
        const bool isListed = kinds != nullptr && kinds->is_array() && place < kinds->size();
        to.hasWindow.push_back(isListed ? (*kinds)[place] == "sliding_attention"
                                        : pattern < 1 || (layer + 1) % pattern != 0);
    }
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    const Generation generation = generationOf(keys.text("model_type", "gemma"));
    DecoderDefaults defaults {16, 256, 8192, true};
    if (generation != Generation::First)
        defaults.kvHeads = 4;
    if (generation == Generation::Third) {
        defaults.contextLength = 131072;
        defaults.ropeTheta = 1e6;
    }
    ModelConfig to = decoderConfig(keys, defaults);
    common(to, generation);
    // Transformers 4.57's first generation reads hidden_act alone, the later ones
    // hidden_activation.
    to.activation = keys.text(generation == Generation::First ? "hidden_act" : "hidden_activation",
                              "gelu_pytorch_tanh");
    if (keys.flag("use_bidirectional_attention", false))
        throw Error("its tokens see what stands behind them (use_bidirectional_attention), which "
                    "is not supported.",
                    "Choose a Gemma that continues text.");
    to.hasQkvBias = to.hasOutputBias = keys.flag("attention_bias", false);
    if (generation == Generation::First)
        return to;
    to.attentionScale = 1.0 / std::sqrt(keys.real("query_pre_attn_scalar", 256.0));
    to.attentionCap =
        keys.real("attn_logit_softcapping", keys.says("attn_logit_softcapping") ? 0.0 : 50.0);
    to.logitCap =
        keys.real("final_logit_softcapping", keys.says("final_logit_softcapping") ? 0.0 : 30.0);
    readWindow(keys, to, generation == Generation::Second ? 2 : 6);
    if (generation == Generation::Third) {
        to.attentionCap = 0.0; // read by none of its attention functions
        to.logitCap = keys.real("final_logit_softcapping", 0.0);
        if (!to.localRopeTheta) // said with the scaling in newer files
            to.localRopeTheta = keys.real("rope_local_base_freq", 10000.0);
    }
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    const GgufKeys keys(gguf);
    const Generation generation = generationOf(keys.architecture());
    ModelConfig to = decoderConfig(gguf, keys);
    common(to, generation);
    to.architecture = generation == Generation::First ? "GemmaForCausalLM"
        : generation == Generation::Second            ? "Gemma2ForCausalLM"
                                                      : "Gemma3ForCausalLM";
    to.activation = "gelu_pytorch_tanh";
    if (generation == Generation::First)
        return to;
    // llama.cpp scales by the head's size, but for the 27B models, where it knows better than the
    // file: the hidden size shared among the heads.
    const bool isLargest = to.layers == (generation == Generation::Second ? 46 : 62);
    to.attentionScale =
        1.0 / std::sqrt(static_cast<double>(isLargest ? to.hiddenSize / to.heads : to.headSize));
    if (generation == Generation::Second) {
        to.attentionCap = keys.real("attn_logit_softcapping", 50.0);
        to.logitCap = keys.real("final_logit_softcapping", 30.0);
    } else {
        to.ropeTheta = keys.real("rope.freq_base", 1e6);
        to.localRopeTheta = 10000.0;
    }
    const std::int64_t pattern = generation == Generation::Second ? 2 : 6;
    for (std::int64_t layer = 0; layer < to.layers; ++layer)
        to.hasWindow.push_back((layer + 1) % pattern != 0);
    return to;
}

ModuleNames names(const ModelConfig& config)
{
    if (config.normPlace == NormPlace::Before)
        return decoderNames();
    return decoderNames().with(
        {{SiteKind::Norm1Out, "model.layers.{}.post_attention_layernorm"},
         {SiteKind::Norm2, "model.layers.{}.pre_feedforward_layernorm"},
         {SiteKind::Norm2Out, "model.layers.{}.post_feedforward_layernorm"}});
}

/// What llama.cpp calls ffn_norm stands before the MLP, whatever Hugging Face calls it.
std::string ggufName(const std::string& name, const ModelConfig& config)
{
    if (config.normPlace == NormPlace::Around)
        return decoderGgufName(name, {{"post_attention_layernorm", "post_attention_norm"}});
    return decoderGgufName(name);
}

/// llama.cpp's converter adds the one to the norms.
at::Tensor fromGguf(const std::string& name, const at::Tensor& stored, const ModelConfig&)
{
    return name.ends_with("norm.weight") ? stored - 1.0 : stored;
}

} // namespace

void registerGemma(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "gemma";
    family.title = QT_TRANSLATE_NOOP("family", "Gemma, Gemma 2 and Gemma 3");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("GemmaFor") || architecture.starts_with("Gemma2For")
            || architecture == "Gemma3ForCausalLM" || architecture == "GemmaModel"
            || architecture == "Gemma2Model" || architecture == "Gemma3TextModel"
            || architecture == "gemma" || architecture == "gemma2" || architecture == "gemma3";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.names = names;
    family.prefix = "model.";
    family.ggufName = ggufName;
    family.fromGguf = fromGguf;
    registry.add(std::move(family));
}

} // namespace tw
