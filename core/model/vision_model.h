// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config_keys.h"
#include "core/model/encoder_heads.h"
#include "core/model/head_weights.h"
#include "core/model/patch_embedding.h"
#include "core/model/stack.h"

#include <functional>

namespace tw {

/// Patches of images, read by a stack.
class VisionTower
{
public:
    VisionTower(const ModelConfig& config,
                const ModuleNames& names,
                const PatchNames& own,
                WeightSource& weights);

    /// inputs: "pixel_values" [n, channels, height, width], or "input_values" [n, time,
    /// frequencies] where the config's images are spectrograms. -> [n, tokens, hidden]. Throws
    /// Error.
    at::Tensor hidden(const Tensors& inputs) const;
    const Stack& stack() const { return m_stack; }
    Stack& stack() { return m_stack; }
    std::vector<SiteInfo> sites() const;

private:
    bool m_isSpectrogram;
    PatchEmbedding m_embedding;
    Stack m_stack;
};

/// Outputs of a class of Transformers from the hidden states [n, tokens, hidden].
using VisionHead = std::function<Tensors(const at::Tensor& hidden)>;

/// A model that sees: a tower and a head.
class VisionModel final : public Model, public HasHead
{
public:
    VisionModel(const ModelConfig& config,
                VisionTower tower,
                VisionHead head,
                NamedTensors weights,
                NamedTensors headWeights = {});

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    HiddenChanges& hiddenChanges(const SiteInfo& place) override;
    NamedTensors weights() const override { return m_weights; }
    const NamedTensors& headWeights() const override { return m_headWeights; }
    Tensors forward(const Tensors& inputs) const override;

private:
    ModelConfig m_config;
    VisionTower m_tower;
    VisionHead m_head;
    std::vector<SiteInfo> m_sites;
    NamedTensors m_weights;
    NamedTensors m_headWeights;
};

/// What the encoders after ViT share: sizes, norms before their parts, no vocabulary.
/// layerNormEpsilon is what the config is silent about.
ModelConfig visionConfig(const JsonKeys& keys, double layerNormEpsilon);
/// Positions that the model's table has, from its patches and learned tokens. Throws Error where
/// the patches make no grid.
void readPatches(const Patches& patches, std::int64_t learnedTokens, ModelConfig& to);

} // namespace tw
