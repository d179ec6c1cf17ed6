// SPDX-License-Identifier: Apache-2.0
// OLMo 2 (2025): norms on what attention and MLP give, and on all heads of q and k together.

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

void common(ModelConfig& to)
{
    to.family = "olmo2";
    to.normPlace = NormPlace::AfterPart;
    to.qkNorm = QkNorm::Whole;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = decoderConfig(keys, {});
    to.normEpsilon = keys.real("rms_norm_eps", 1e-5);
    to.hasQkvBias = to.hasOutputBias = keys.flag("attention_bias", false);
    common(to);
    return to;
}

ModelConfig configFromGguf(const TensorFile& gguf)
{
    ModelConfig to = decoderConfig(gguf, GgufKeys(gguf));
    to.architecture = "Olmo2ForCausalLM";
    common(to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return decoderNames().with(
        {{SiteKind::Norm1Out, "model.layers.{}.post_attention_layernorm"},
         {SiteKind::Norm2Out, "model.layers.{}.post_feedforward_layernorm"}});
}

std::string ggufName(const std::string& name, const ModelConfig&)
{
    return decoderGgufName(name, {{"post_attention_layernorm", "post_attention_norm"}});
}

} // namespace

void registerOlmo2(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "olmo2";
    family.title = QT_TRANSLATE_NOOP("family", "OLMo 2");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("Olmo2For") || architecture == "Olmo2Model"
            || architecture == "olmo2";
    };
    family.configFromJson = configFromJson;
    family.configFromGguf = configFromGguf;
    family.names = names;
    family.prefix = "model.";
    family.ggufName = ggufName;
    registry.add(std::move(family));
}

} // namespace tw
