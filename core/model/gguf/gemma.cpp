// SPDX-License-Identifier: Apache-2.0
// llama.cpp keeps the norms with the one added. Of each generation it takes scales, caps and
// windows for granted that are no keys of the file: they have to hold.

#include "core/base/translate.h"
#include "core/model/gguf_form.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>

namespace tw {
namespace {

enum class Generation
{
    First,
    Second,
    Third
};

Generation generationOf(const ModelConfig& config)
{
    return config.qkNorm == QkNorm::PerHead     ? Generation::Third
        : config.normPlace == NormPlace::Around ? Generation::Second
                                                : Generation::First;
}

at::Tensor toGguf(const std::string& name, const at::Tensor& weight, const ModelConfig&)
{
    return name.ends_with("norm.weight") ? weight + 1.0 : weight;
}

void refuseOtherWays(const ModelConfig& config, Generation generation)
{
    requireActivation(config, {"gelu_pytorch_tanh"});
    if (generation == Generation::First)
        return;
    const bool isSecond = generation == Generation::Second;
    const bool isLargest = config.layers == (isSecond ? 46 : 62);
    const auto width =
        static_cast<double>(isLargest ? config.hiddenSize / config.heads : config.headSize);
    if (std::abs(config.attentionScale.value_or(0.0) * std::sqrt(width) - 1.0) > 1e-6)
        refuseForGguf("attention scores scaled in its own way (query_pre_attn_scalar)");
    const std::int64_t pattern = isSecond ? 2 : 6;
    for (std::int64_t layer = 0; layer < config.layers; ++layer)
        if (config.windowOf(layer).has_value() != ((layer + 1) % pattern != 0))
            refuseForGguf("windows in other layers than all models of its generation");
    if (!isSecond && (config.localRopeTheta.value_or(0.0) != 10000.0 || config.logitCap != 0.0))
        refuseForGguf("a local rotary base or a cap of logits of its own");
}

GgufSettings settings(const ModelConfig& config)
{
    const Generation generation = generationOf(config);
    refuseOtherWays(config, generation);
    constexpr std::array kNames {"gemma", "gemma2", "gemma3"};
    GgufSettings settings =
        decoderGgufSettings(kNames.at(static_cast<std::size_t>(generation)), config);
    if (generation == Generation::Second) {
        settings.addReal("attn_logit_softcapping", config.attentionCap);
        settings.addReal("final_logit_softcapping", config.logitCap);
    }
    return settings;
}

} // namespace

void registerGemma(Registry<GgufForm>& registry)
{
    registry.add(
        {"gemma", QT_TRANSLATE_NOOP("family", "Gemma, Gemma 2 and Gemma 3"), settings, toGguf});
}

} // namespace tw
