// SPDX-License-Identifier: Apache-2.0
// Prefix tuning (Li and Liang 2021): every layer finds trained keys and values as if it had read so
// many tokens before. PEFT stores them as [tokens, layers * 2 * width]: of each layer the keys,
// then the values.

#include "core/adaptation/readers/registry.h"
#include "core/adaptation/virtual_token_settings.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

class PrefixTokens final : public VirtualTokens
{
public:
    /// stored: [count, layers * 2 * width].
    PrefixTokens(at::Tensor stored, std::int64_t width)
        : m_stored(stored.requires_grad_())
        , m_width(width)
    {
    }
    std::int64_t count() const override { return m_stored.size(0); }
    std::pair<at::Tensor, at::Tensor> keysAndValues(std::size_t layer) const override
    {
        const std::int64_t start = 2 * m_width * static_cast<std::int64_t>(layer);
        return {m_stored.narrow(1, start, m_width).contiguous(),
                m_stored.narrow(1, start + m_width, m_width).contiguous()};
    }
    NamedTensors trainable() const override { return {{kPromptEmbeddings, m_stored}}; }

private:
    at::Tensor m_stored;
    std::int64_t m_width; ///< kvHeads * headSize
};

AdapterParts read(PeftReader& reader)
{
    const ModelConfig& config = reader.model().config();
    const std::int64_t count = virtualTokenCount(reader);
    AdapterParts parts;
    parts.virtualTokens = std::make_shared<PrefixTokens>(
        reader.tensor(kPromptEmbeddings, {count, config.layers * 2 * config.keyWidth()}),
        config.keyWidth());
    return parts;
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
