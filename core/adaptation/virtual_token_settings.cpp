// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/virtual_token_settings.h"

#include "core/adaptation/peft_writer.h"
#include "core/adaptation/site_check.h"
#include "core/base/error.h"

#include <algorithm>

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

std::function<std::string(const std::string& baseModelName)>
virtualTokenConfig(const std::string& peftType,
                   std::int64_t count,
                   const TokenShape& shape,
                   std::int64_t layers,
                   const Json& own)
{
    Json keys {{"num_attention_heads", shape.heads}, {"num_layers", layers},
               {"num_transformer_submodules", 1},    {"num_virtual_tokens", count},
               {"task_type", "CAUSAL_LM"},           {"token_dim", shape.width}};
    keys.update(own);
    return peftConfigWriter(peftType, keys);
}

Problems checkVirtualTokens(const std::string& method,
                            const std::vector<SiteInfo>& sites,
                            const SiteSelection& selection)
{
    const auto has = [&](SiteKind kind) {
        return std::ranges::any_of(sites, [&](const auto& info) { return info.site.kind == kind; });
    };
    const bool isContinued = has(SiteKind::Head) && !has(SiteKind::HeadBias);
    if (!has(SiteKind::Prompt) || !isContinued)
        return {{"sites",
                 method
                     + " puts virtual tokens before a text that is continued, and this model "
                       "continues none.",
                 "Choose a decoder (its class ends with ForCausalLM), or a method that changes "
                 "layers, such as LoRA.",
                 false}};
    if (countOf(selection) == 0)
        return {{"sites", method + " is attached nowhere, so nothing would be trained.",
                 "Choose the site \"prompt\".", false}};
    return checkSelection(method, {SiteKind::Prompt}, sites, selection);
}

} // namespace tw
