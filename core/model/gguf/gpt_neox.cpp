// SPDX-License-Identifier: Apache-2.0
// Hugging Face keeps the query, key and value of each head together; llama.cpp wants all queries
// first, then all keys, then all values.

#include "core/base/translate.h"
#include "core/model/gguf_form.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

at::Tensor toGguf(const std::string& name, const at::Tensor& weight, const ModelConfig& config)
{
    if (name.find(".query_key_value.") == std::string::npos)
        return weight;
    return weight.reshape({config.heads, 3, config.headSize, -1})
        .transpose(0, 1)
        .reshape(weight.sizes());
}

GgufSettings settings(const ModelConfig& config)
{
    requireActivation(config, {"gelu"});
    GgufSettings settings = decoderGgufSettings("gptneox", config);
    settings.add("use_parallel_residual", config.isParallel);
    return settings;
}

} // namespace

void registerGptNeox(Registry<GgufForm>& registry)
{
    registry.add(
        {"gpt_neox", QT_TRANSLATE_NOOP("family", "GPT-NeoX and Pythia"), settings, toGguf});
}

} // namespace tw
