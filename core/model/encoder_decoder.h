// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/stack.h"
#include "core/model/text_embedding.h"

#include <optional>

namespace tw {

class PaddedRows;

/// Paths of the two stacks; those of the embedding and the head stand among the encoder's.
struct EncoderDecoderNames
{
    ModuleNames encoder;
    ModuleNames decoder;
};

/// An encoder that reads a text and a decoder that answers it, with one embedding for both
/// (Vaswani et al. 2017; T5). The decoder's layers are numbered behind the encoder's. With
/// decoderLayers = 0 it is the encoder alone.
class EncoderDecoder final : public Model
{
public:
    EncoderDecoder(const ModelConfig& config,
                   const EncoderDecoderNames& names,
                   WeightSource& weights);

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    Embedding& embedding() override { return m_embedding.tokens(); }
    NamedTensors weights() const override { return m_weights; }

    Tensors forward(const Tensors& inputs) const override;
    HiddenChanges& hiddenChanges(const SiteInfo& place) override;
    at::Tensor hidden(const PackedInput& input) const override;
    LmHead head() const override;
    at::Tensor logits(const at::Tensor& hidden) const override;
    at::Tensor hiddenBehind(const std::vector<NewTokens>& texts) const override;
    /// The encoder reads the prompt; the decoder begins with config.startId.
    Continuation continuing(const std::vector<std::int64_t>& prompt,
                            std::int64_t maxTokens) const override;

private:
    void takeHead(const ModuleNames& names, WeightSource& weights);
    std::vector<const Stack*> stacks() const;
    at::Tensor encoded(const PackedInput& input) const;
    Tensors
    decoded(const PaddedRows& rows, const PaddedRows& sources, const at::Tensor& states) const;

    ModelConfig m_config;
    ModelConfig m_decoderConfig;
    TextEmbedding m_embedding;
    Stack m_encoder;
    std::optional<Stack> m_decoder;
    LmHead m_head; ///< without a weight where the class has none
    std::vector<SiteInfo> m_sites;
    NamedTensors m_weights;
};

} // namespace tw
