// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/virtual_token_settings.h"

#include "core/base/error.h"

namespace tw {

std::vector<std::string> virtualTokenSettings()
{
    return {"num_virtual_tokens", "num_transformer_submodules", "num_attention_heads", "num_layers",
            "token_dim"};
}

std::int64_t virtualTokenCount(const PeftReader& reader)
{
    // Heads that read single positions would find those of the virtual tokens; PEFT lets them.
    if (const ModelConfig& model = reader.model().config(); model.task != ModelTask::CausalLm)
        throw Error("The adapter puts virtual tokens before the text of a model of the class "
                        + model.architecture + ".",
                    "That is read for models that continue text (...ForCausalLM); use PEFT "
                    "itself for this one.");
    const std::int64_t parts = peftInteger(reader.config(), "num_transformer_submodules", 1);
    if (parts != 1)
        throw Error(std::string(kPeftConfigFile) + ": num_transformer_submodules is "
                        + std::to_string(parts)
                        + ": its virtual tokens are for an encoder and a decoder.",
                    "Only adapters for models of one part can be read.");
    const std::int64_t count = peftInteger(reader.config(), "num_virtual_tokens", 0);
    if (count < 1)
        throw Error(std::string(kPeftConfigFile) + ": num_virtual_tokens is "
                        + std::to_string(count) + ", but at least one token is needed.",
                    "Write the adapter again.");
    return count;
}

} // namespace tw
