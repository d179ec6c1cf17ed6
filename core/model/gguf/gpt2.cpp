// SPDX-License-Identifier: Apache-2.0
// GPT-2 keeps its linear weights as [in, out]; llama.cpp wants [out, in].

#include "core/base/translate.h"
#include "core/model/gguf_form.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

at::Tensor toGguf(const std::string& name, const at::Tensor& weight, const ModelConfig&)
{
    const bool isLinear = name.find(".h.") != std::string::npos && weight.dim() == 2;
    return isLinear ? weight.t() : weight;
}

GgufSettings settings(const ModelConfig& config)
{
    if (config.dividesScaleByLayer || config.attentionScale)
        refuseForGguf("attention scores scaled in its own way");
    requireActivation(config, {"gelu_new", "gelu_pytorch_tanh"});
    return decoderGgufSettings("gpt2", config);
}

} // namespace

void registerGpt2(Registry<GgufForm>& registry)
{
    registry.add({"gpt2", QT_TRANSLATE_NOOP("family", "GPT-2"), settings, toGguf});
}

} // namespace tw
