// SPDX-License-Identifier: Apache-2.0
// Prefix tuning (Li and Liang 2021): every layer finds trained keys and values as if it had read so
// many tokens before. PEFT stores them as [tokens, layers * 2 * width]: of each layer the keys,
// then the values.

#include "core/adaptation/readers/registry.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/adaptation/virtual_tokens.h"
#include "core/base/translate.h"

#include <ATen/core/Tensor.h>

namespace tw {
namespace {

AdapterParts read(PeftReader& reader)
{
    const ModelConfig& config = reader.model().config();
    const std::int64_t count = virtualTokenCount(reader);
    const auto numbers = std::make_shared<TokenNumbers>(
        reader.tensor(kPromptEmbeddings, {count, config.layers * 2 * config.keyWidth()}));
    return tokenParts(numbers, std::make_shared<PrefixTokens>(numbers, config.keyWidth()));
}

} // namespace

void registerPrefixTuning(Registry<AdapterReader>& registry)
{
    auto settings = virtualTokenSettings();
    settings.insert(settings.end(), {"encoder_hidden_size", "prefix_projection", "init_weights"});
    registry.add({"prefix_tuning", QT_TRANSLATE_NOOP("adapter", "Prefix tuning"), "PREFIX_TUNING",
                  std::move(settings), read});
}

} // namespace tw
