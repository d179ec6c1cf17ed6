// SPDX-License-Identifier: Apache-2.0
// Prompt tuning (Lester et al. 2021) and p-tuning (Liu et al. 2021): trained embeddings before each
// row. What p-tuning's encoder made of its own parameters is all that PEFT stores.

#include "core/adaptation/readers/registry.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/adaptation/virtual_tokens.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

AdapterParts read(PeftReader& reader)
{
    const std::int64_t count = virtualTokenCount(reader);
    const auto numbers = std::make_shared<TokenNumbers>(
        reader.tensor(kPromptEmbeddings, {count, reader.model().config().embeddingWidth()}));
    return tokenParts(numbers, std::make_shared<PromptTokens>(numbers));
}

} // namespace

void registerPromptTuning(Registry<AdapterReader>& registry)
{
    auto settings = virtualTokenSettings();
    settings.insert(settings.end(),
                    {"prompt_tuning_init", "prompt_tuning_init_text", "tokenizer_kwargs",
                     "tokenizer_name_or_path"});
    registry.add({"prompt_tuning", QT_TRANSLATE_NOOP("adapter", "Prompt tuning"), "PROMPT_TUNING",
                  std::move(settings), read});
    settings = virtualTokenSettings();
    settings.insert(settings.end(),
                    {"encoder_dropout", "encoder_hidden_size", "encoder_num_layers",
                     "encoder_reparameterization_type"});
    registry.add({"p_tuning", QT_TRANSLATE_NOOP("adapter", "P-tuning"), "P_TUNING",
                  std::move(settings), read});
}

} // namespace tw
