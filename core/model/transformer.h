// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <array>
#include <map>

namespace tw {

/// The decoder all families share: pre-norm blocks of causal attention and a gated MLP.
class Transformer final : public Model
{
public:
    /// weights: one tensor for each of source.weightInfos(), by Hugging Face's name.
    Transformer(const ModelSource& source, const std::map<std::string, at::Tensor>& weights);

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    at::Tensor hidden(const PackedInput& input) const override;
    at::Tensor logits(const at::Tensor& hidden) const override;
    at::Tensor headWeight() const override { return m_head; }
    std::unique_ptr<KvCache> newCache(std::int64_t capacity) const override;
    at::Tensor hiddenCached(const std::vector<std::int64_t>& ids, KvCache& cache) const override;
    NamedTensors weights() const override { return m_weights; }

private:
    struct Block
    {
        at::Tensor norm1;
        at::Tensor norm2;
        at::Tensor qNorm; ///< [headSize], where the config has them
        at::Tensor kNorm;
        std::array<Linear, 7> linears; ///< in the order of linearSites()
    };

    const Linear* findLinear(Site site) const;
    at::Tensor embedded(const at::Tensor& ids) const;
    /// Of the normed x, heads not yet turned: [T, heads * headSize], [T, kvHeads * headSize] twice.
    std::vector<at::Tensor> queriesKeysValues(const Block& block, const at::Tensor& x) const;
    /// Each head by itself. x: [T, heads * headSize], weight: [headSize]; returns the shape of x.
    at::Tensor normedHeads(const at::Tensor& x, const at::Tensor& weight) const;
    at::Tensor mlp(const Block& block, const at::Tensor& x) const;

    ModelConfig m_config;
    std::vector<SiteInfo> m_sites;
    NamedTensors m_weights;
    at::Tensor m_embedding;
    at::Tensor m_head;
    at::Tensor m_finalNorm;
    at::Tensor m_frequencies;
    std::vector<Block> m_blocks;
};

} // namespace tw
