// SPDX-License-Identifier: Apache-2.0
// llama.cpp turns neighbouring dimensions of a head against each other, Hugging Face its two
// halves: the rows of q and k are interleaved.

#include "core/base/translate.h"
#include "core/model/gguf_form.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

at::Tensor toGguf(const std::string& name, const at::Tensor& weight, const ModelConfig& config)
{
    const bool isQ = name.find(".q_proj.") != std::string::npos;
    const bool isK = name.find(".k_proj.") != std::string::npos;
    if (!isQ && !isK)
        return weight;
    const std::int64_t heads = isQ ? config.heads : config.kvHeads;
    return weight.reshape({heads, 2, config.headSize / 2, -1})
        .transpose(1, 2)
        .reshape(weight.sizes());
}

GgufSettings settings(const ModelConfig& config)
{
    refuseWindow(config);
    requireActivation(config, {"silu"});
    return decoderGgufSettings("llama", config);
}

} // namespace

void registerLlama(Registry<GgufForm>& registry)
{
    registry.add(
        {"llama", QT_TRANSLATE_NOOP("family", "Llama, SmolLM2 and Mistral"), settings, toGguf});
}

} // namespace tw
