// SPDX-License-Identifier: Apache-2.0
#include "core/model/transformer.h"

#include "core/base/error.h"
#include "core/model/kernels.h"
#include "core/model/kv_cache.h"

#include <algorithm>

namespace tw {
namespace {

enum Place : std::size_t
{
    Q,
    K,
    V,
    O,
    Gate,
    Up,
    Down
}; // in the order of linearSites()

AttentionShape attentionShape(const ModelConfig& config)
{
    return {config.heads, config.kvHeads, config.headSize, config.slidingWindow};
}

/// Ids index the embedding: one outside of it would read foreign memory.
void checkIds(const at::Tensor& ids, std::int64_t vocabularySize)
{
    if (ids.numel() == 0)
        throw Error("There are no tokens to read.", "Give the model at least one token.");
    const auto [lowest, highest] = at::aminmax(ids);
    if (lowest.item<std::int64_t>() < 0 || highest.item<std::int64_t>() >= vocabularySize)
        throw Error("A token id lies outside of the model's vocabulary of "
                        + std::to_string(vocabularySize) + ".",
                    "Use the tokenizer that belongs to this model.");
}

} // namespace

Transformer::Transformer(const ModelSource& source,
                         const std::map<std::string, at::Tensor>& weights)
    : m_config(source.config)
    , m_sites(source.sites())
    , m_frequencies(rotaryFrequencies(source.config))
{
    for (const WeightInfo& info : source.weightInfos())
        m_weights.emplace_back(info.name, weights.at(info.name));
    const auto module = [&](SiteKind kind, std::int64_t layer) {
        return source.family->module({kind, static_cast<std::int32_t>(layer)});
    };
    const auto find = [&](const std::string& name) {
        const auto it = weights.find(name);
        return it == weights.end() ? at::Tensor() : it->second;
    };
    m_embedding = weights.at(module(SiteKind::Embed, -1) + ".weight");
    m_head = m_config.tiesHead ? m_embedding : weights.at(module(SiteKind::Head, -1) + ".weight");
    m_finalNorm = weights.at(module(SiteKind::FinalNorm, -1) + ".weight");
    for (std::int64_t layer = 0; layer < m_config.layers; ++layer) {
        Block block;
        block.norm1 = weights.at(module(SiteKind::Norm1, layer) + ".weight");
        block.norm2 = weights.at(module(SiteKind::Norm2, layer) + ".weight");
        for (std::size_t i = 0; i < block.linears.size(); ++i) {
            const std::string name = module(linearSites()[i], layer);
            block.linears[i] = Linear(weights.at(name + ".weight"), find(name + ".bias"));
        }
        m_blocks.push_back(std::move(block));
    }
}

const Linear* Transformer::findLinear(Site site) const
{
    const auto& kinds = linearSites();
    const auto it = std::find(kinds.begin(), kinds.end(), site.kind);
    if (it == kinds.end() || site.layer < 0
        || site.layer >= static_cast<std::int32_t>(m_blocks.size()))
        return nullptr;
    return &m_blocks[static_cast<std::size_t>(site.layer)]
                .linears[static_cast<std::size_t>(it - kinds.begin())];
}

const Linear& Transformer::linear(Site site) const
{
    if (const Linear* found = findLinear(site))
        return *found;
    throw Error("The model has no linear layer at " + std::string(siteId(site.kind)) + " of layer "
                    + std::to_string(site.layer) + ".",
                "Its layers are 0 to " + std::to_string(m_blocks.size() - 1)
                    + "; the linear sites are attn.q, attn.k, attn.v, attn.o, mlp.gate, mlp.up and "
                      "mlp.down.");
}

Linear& Transformer::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

at::Tensor Transformer::embedded(const at::Tensor& ids) const
{
    checkIds(ids, m_config.vocabularySize);
    return at::embedding(m_embedding, ids);
}

at::Tensor Transformer::mlp(const Block& block, const at::Tensor& x) const
{
    const auto parts = normedLinears(x, block.norm2, m_config.normEpsilon,
                                     {&block.linears[Gate], &block.linears[Up]});
    return gatedDown(x, block.linears[Down], parts[0], parts[1]);
}

at::Tensor Transformer::hidden(const PackedInput& input) const
{
    const RotaryTable rotary = rotaryTable(m_frequencies, input.positions);
    at::Tensor x = embedded(input.ids);
    for (const Block& block : m_blocks) {
        const auto qkv = normedLinears(x, block.norm1, m_config.normEpsilon,
                                       {&block.linears[Q], &block.linears[K], &block.linears[V]});
        const at::Tensor mixed =
            attention(qkv[0], qkv[1], qkv[2], rotary, input.starts, attentionShape(m_config));
        x = mlp(block, linearAdd(x, block.linears[O], mixed));
    }
    return rmsNorm(x, m_finalNorm, m_config.normEpsilon);
}

at::Tensor Transformer::logits(const at::Tensor& hidden) const
{
    return at::linear(hidden, m_head);
}

std::unique_ptr<KvCache> Transformer::newCache(std::int64_t capacity) const
{
    return std::make_unique<LayeredCache>(m_config, capacity);
}

at::Tensor Transformer::hiddenCached(const std::vector<std::int64_t>& ids, KvCache& cache) const
{
    const at::NoGradGuard noGradients;
    auto& held = dynamic_cast<LayeredCache&>(cache);
    const auto count = static_cast<std::int64_t>(ids.size());
    const std::int64_t total = held.length() + count;
    // Keys that no new token sees need not be touched.
    const std::int64_t first = m_config.slidingWindow
        ? std::max<std::int64_t>(0, held.length() + 1 - *m_config.slidingWindow)
        : 0;
    const RotaryTable rotary = rotaryTable(m_frequencies, at::arange(held.length(), total));
    const AttentionShape shape = attentionShape(m_config);
    at::Tensor x = embedded(at::tensor(ids, at::kLong));
    held.reserve(count);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        const auto qkv = normedLinears(x, block.norm1, m_config.normEpsilon,
                                       {&block.linears[Q], &block.linears[K], &block.linears[V]});
        held.write(layer, rotated(qkv[1].view({count, shape.kvHeads, shape.headSize}), rotary),
                   qkv[2].view({count, shape.kvHeads, shape.headSize}));
        const at::Tensor mixed =
            cachedAttention(rotated(qkv[0].view({count, shape.heads, shape.headSize}), rotary),
                            held.keys(layer, first, total - first),
                            held.values(layer, first, total - first), shape);
        x = mlp(block, linearAdd(x, block.linears[O], mixed));
    }
    held.advance(count);
    return rmsNorm(x, m_finalNorm, m_config.normEpsilon);
}

} // namespace tw
