// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf_settings.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

std::vector<float> floats(const std::vector<double>& values)
{
    return {values.begin(), values.end()};
}

/// Divisors per frequency as Llama 3.1 stretches them (Dubey et al. 2024): none where a dimension
/// turns often within the original context, all of the factor where it hardly turns, a blend
/// between.
std::vector<float> llama3Divisors(const ModelConfig& config)
{
    const ModelConfig::RopeScaling& rope = config.rope;
    const auto context = static_cast<double>(rope.originalContext);
    std::vector<float> divisors;
    for (std::int64_t i = 0; i < config.turned(); i += 2) {
        const double exponent = static_cast<double>(i) / static_cast<double>(config.turned());
        const double length = 2.0 * std::numbers::pi * std::pow(config.ropeTheta, exponent);
        const double blend = (context / length - rope.lowFrequencyFactor)
            / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
        const double divisor = length < context / rope.highFrequencyFactor ? 1.0
            : length > context / rope.lowFrequencyFactor
            ? rope.factor
            : 1.0 / ((1.0 - blend) / rope.factor + blend);
        divisors.push_back(static_cast<float>(divisor));
    }
    return divisors;
}

void addLongRope(GgufSettings& settings, const ModelConfig& config)
{
    settings.addCount("rope.scaling.original_context_length", config.rope.originalContext);
    const double context = static_cast<double>(config.rope.originalContext);
    const double factor = std::max(config.rope.factor, 1.0);
    settings.addReal("rope.scaling.attn_factor",
                     config.rope.attentionFactor.value_or(
                         factor > 1.0 && context > 1.0
                             ? std::sqrt(1.0 + std::log(factor) / std::log(context))
                             : 1.0));
    settings.tensors.emplace_back("rope_factors_long.weight", floats(config.rope.longFactors));
    settings.tensors.emplace_back("rope_factors_short.weight", floats(config.rope.factors));
}

void addRope(GgufSettings& settings, const ModelConfig& config)
{
    settings.addCount("rope.dimension_count", config.turned());
    settings.addReal("rope.freq_base", config.ropeTheta);
    const ModelConfig::RopeScaling& rope = config.rope;
    if (rope.kind == "default")
        return;
    if (rope.kind == "llama3" || rope.kind == "factors") {
        settings.tensors.emplace_back("rope_freqs.weight",
                                      rope.kind == "llama3" ? llama3Divisors(config)
                                                            : floats(rope.factors));
    } else if (rope.kind == "longrope") {
        addLongRope(settings, config);
    } else if (rope.kind == "linear" || rope.kind == "yarn") {
        settings.add("rope.scaling.type", rope.kind);
        settings.addReal("rope.scaling.factor", rope.factor);
        if (rope.kind == "linear")
            return;
        if (rope.attentionFactor)
            refuseForGguf("a \"yarn\" attention factor of its own");
        settings.addCount("rope.scaling.original_context_length", rope.originalContext);
        settings.addReal("rope.scaling.yarn_beta_fast", rope.fastRotations);
        settings.addReal("rope.scaling.yarn_beta_slow", rope.slowRotations);
    } else {
        refuseForGguf("rotary positions scaled by \"" + rope.kind + "\"");
    }
}

} // namespace

void refuseForGguf(const std::string& what)
{
    throw Error("The model has " + what + ", which a GGUF file cannot express.",
                "Export it as a Hugging Face folder.");
}

void requireActivation(const ModelConfig& config, std::initializer_list<std::string_view> known)
{
    if (std::find(known.begin(), known.end(), config.activation) == known.end())
        refuseForGguf("the activation \"" + config.activation + "\"");
}

void refuseWindow(const ModelConfig& config)
{
    if (config.slidingWindow.value_or(config.contextLength) < config.contextLength)
        refuseForGguf("a sliding window of " + std::to_string(*config.slidingWindow)
                      + " tokens (sliding_window)");
}

GgufSettings decoderGgufSettings(const std::string& architecture, const ModelConfig& config)
{
    if (config.task != ModelTask::CausalLm)
        refuseForGguf("the head of " + config.architecture);
    GgufSettings settings;
    settings.architecture = architecture;
    settings.addCount("vocab_size", config.vocabularySize);
    settings.addCount("block_count", config.layers);
    settings.addCount("context_length", config.contextLength);
    settings.addCount("embedding_length", config.hiddenSize);
    settings.addCount("feed_forward_length", config.intermediateSize);
    settings.addCount("attention.head_count", config.heads);
    settings.addReal(config.norm == NormKind::Layer ? "attention.layer_norm_epsilon"
                                                    : "attention.layer_norm_rms_epsilon",
                     config.normEpsilon);
    if (config.qkv == QkvLayout::Grouped || config.positions == Positions::Learned) {
        if (config.positions == Positions::Rotary)
            addRope(settings, config);
        return settings;
    }
    settings.addCount("attention.head_count_kv", config.kvHeads);
    settings.addCount("attention.key_length", config.headSize);
    settings.addCount("attention.value_length", config.headSize);
    if (config.slidingWindow)
        settings.addCount("attention.sliding_window", *config.slidingWindow);
    addRope(settings, config);
    return settings;
}

} // namespace tw
