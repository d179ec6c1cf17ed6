// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/head_weights.h"
#include "core/model/stack.h"
#include "core/model/text_embedding.h"
#include "core/model/text_head.h"

namespace tw {

/// A model of text with one stack: a decoder, or an encoder where the config is not causal.
class Transformer final : public Model, public HasHead
{
public:
    using MakeHead = std::function<std::unique_ptr<TextHead>(
        const ModelConfig& config, const HeadParts& parts, WeightSource& weights)>;

    Transformer(const ModelConfig& config,
                const ModuleNames& names,
                WeightSource& weights,
                const MakeHead& makeHead);

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    Embedding& embedding() override { return m_embedding.tokens(); }
    HiddenChanges& hiddenChanges(const SiteInfo& place) override;
    std::shared_ptr<const VirtualTokens> virtualTokens() const override { return m_virtualTokens; }
    void setVirtualTokens(std::shared_ptr<const VirtualTokens> tokens) override;
    NamedTensors weights() const override { return m_weights; }
    const NamedTensors& headWeights() const override { return m_headWeights; }

    Tensors forward(const Tensors& inputs) const override;
    at::Tensor hidden(const PackedInput& input) const override;
    LmHead head() const override;
    at::Tensor logits(const at::Tensor& hidden) const override;
    std::unique_ptr<KvCache> newCache(std::int64_t capacity) const override;
    at::Tensor hiddenBehind(const std::vector<NewTokens>& texts) const override;

private:
    void takeProjectOut(const ModuleNames& names, WeightSource& weights);
    void takeLmHead(const ModuleNames& names, WeightSource& weights);
    at::Tensor readBehind(const std::vector<NewTokens>& texts) const;
    at::Tensor readOne(const NewTokens& text) const;
    at::Tensor projectedOut(const at::Tensor& hidden) const;

    ModelConfig m_config;
    std::vector<SiteInfo> m_sites;
    TextEmbedding m_embedding;
    Stack m_stack;
    at::Tensor m_projectOut; ///< [embedding width, hidden], or undefined
    LmHead m_lmHead; ///< without a weight where the task has none
    std::unique_ptr<TextHead> m_head;
    NamedTensors m_weights;
    NamedTensors m_headWeights;
    std::shared_ptr<const VirtualTokens> m_virtualTokens;
};

/// linear() of a model that is made of stacks. Throws Error that says where the model has linear
/// layers.
const Linear& linearAt(Site site, const std::vector<const Stack*>& stacks);
/// hiddenChanges() of such a model. Throws Error where none has that place.
HiddenChanges& changesAt(const SiteInfo& place, const std::vector<Stack*>& stacks);

} // namespace tw
