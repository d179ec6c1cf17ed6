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

AttentionShape attentionShape(const ModelConfig& config, std::size_t layer)
{
    return {config.heads, config.kvHeads, config.headSize,
            config.windowOf(static_cast<std::int64_t>(layer))};
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
        if (m_config.hasQkNorm) {
            block.qNorm = weights.at(module(SiteKind::AttnOut, layer) + ".q_norm.weight");
            block.kNorm = weights.at(module(SiteKind::AttnOut, layer) + ".k_norm.weight");
        }
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

std::vector<at::Tensor> Transformer::queriesKeysValues(const Block& block,
                                                       const at::Tensor& x) const
{
    auto qkv = normedLinears(x, block.norm1, m_config.normEpsilon,
                             {&block.linears[Q], &block.linears[K], &block.linears[V]});
    if (m_config.hasQkNorm) {
        qkv[Q] = normedHeads(qkv[Q], block.qNorm);
        qkv[K] = normedHeads(qkv[K], block.kNorm);
    }
    return qkv;
}

at::Tensor Transformer::normedHeads(const at::Tensor& x, const at::Tensor& weight) const
{
    return rmsNorm(x.view({-1, m_config.headSize}), weight, m_config.normEpsilon).view(x.sizes());
}

at::Tensor Transformer::mlp(const Block& block, const at::Tensor& x) const
{
    const auto parts = normedLinears(x, block.norm2, m_config.normEpsilon,
                                     {&block.linears[Gate], &block.linears[Up]});
    return gatedDown(x, block.linears[Down], parts[0], parts[1]);
}

at::Tensor Transformer::hidden(const PackedInput& input) const
{
    const RotaryTable rotary = rotaryTable(m_frequencies, input.positions, rotaryScale(m_config));
    at::Tensor x = embedded(input.ids);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        const auto qkv = queriesKeysValues(block, x);
        const at::Tensor mixed = attention(qkv[Q], qkv[K], qkv[V], rotary, input.starts,
                                           attentionShape(m_config, layer));
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
    const RotaryTable rotary =
        rotaryTable(m_frequencies, at::arange(held.length(), total), rotaryScale(m_config));
    at::Tensor x = embedded(at::tensor(ids, at::kLong));
    held.reserve(count);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        const AttentionShape shape = attentionShape(m_config, layer);
        // Keys that no new token sees need not be touched.
        const std::int64_t first =
            shape.window ? std::max<std::int64_t>(0, held.length() + 1 - *shape.window) : 0;
        const auto qkv = queriesKeysValues(block, x);
        held.write(layer, rotated(qkv[K].view({count, shape.kvHeads, shape.headSize}), rotary),
                   qkv[V].view({count, shape.kvHeads, shape.headSize}));
        const at::Tensor mixed =
            cachedAttention(rotated(qkv[Q].view({count, shape.heads, shape.headSize}), rotary),
                            held.keys(layer, first, total - first),
                            held.values(layer, first, total - first), shape);
        x = mlp(block, linearAdd(x, block.linears[O], mixed));
    }
    held.advance(count);
    return rmsNorm(x, m_finalNorm, m_config.normEpsilon);
}

} // namespace tw
