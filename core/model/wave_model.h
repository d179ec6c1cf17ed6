// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config_keys.h"
#include "core/model/head_weights.h"
#include "core/model/stack.h"
#include "core/model/wave_embedding.h"

#include <functional>

namespace tw {

/// Frames of sounds that were padded on the right, with the padding taken out.
class FrameRows
{
public:
    /// One length for each row, at most `frames`. Throws Error where one is 0.
    FrameRows(const std::vector<std::int64_t>& lengths, std::int64_t frames);

    const std::vector<std::int64_t>& starts() const { return m_starts; }
    at::Tensor packed(const at::Tensor& rows) const; ///< [n, frames, d] -> [T, d]
    at::Tensor spread(const at::Tensor& perFrame) const; ///< back, zeros at padding
    at::Tensor meanOf(const at::Tensor& perFrame) const; ///< [T, d] -> [n, d]

private:
    std::vector<std::int64_t> m_starts;
    std::int64_t m_frames;
    at::Tensor m_places; ///< of each frame within n x frames
};

/// Outputs of a class of Transformers from the hidden states [T, hidden] and the features [T,
/// channels] below them.
using WaveHead = std::function<Tensors(
    const at::Tensor& hidden, const at::Tensor& features, const FrameRows& rows)>;

/// A model that hears samples: wav2vec 2.0 and what is built like it.
class WaveModel final : public Model, public HasHead
{
public:
    using MakeHead = std::function<WaveHead(const ModelConfig& config, WeightSource& weights)>;

    /// prefix stands before the names of the base model's weights ("wav2vec2.").
    WaveModel(const ModelConfig& config,
              const ModuleNames& names,
              const std::string& prefix,
              WeightSource& weights,
              const MakeHead& makeHead);

    const ModelConfig& config() const override { return m_config; }
    const std::vector<SiteInfo>& sites() const override { return m_sites; }
    Linear& linear(Site site) override;
    const Linear& linear(Site site) const override;
    HiddenChanges& hiddenChanges(const SiteInfo& place) override;
    NamedTensors weights() const override { return m_weights; }
    const NamedTensors& headWeights() const override { return m_headWeights; }
    /// Reads "input_values" [n, samples] and perhaps "attention_mask" of that shape, which counts
    /// the samples before the padding on the right. Throws Error.
    Tensors forward(const Tensors& inputs) const override;

private:
    ModelConfig m_config;
    WaveEmbedding m_embedding;
    Stack m_stack;
    WaveHead m_head;
    std::vector<SiteInfo> m_sites;
    NamedTensors m_weights;
    NamedTensors m_headWeights;
};

/// Sizes and convolutions, as wav2vec 2.0 and HuBERT spell them. Throws Error for adapters.
ModelConfig waveConfig(const JsonKeys& keys);
/// Paths of a model whose weights stand behind prefix.
ModuleNames waveNames(const std::string& prefix);
/// How files from before PyTorch's parametrizations name the positional kernel.
std::string oldKernelName(const std::string& name);
/// Heads of ModelTask::Ctc and SequenceClassification. Throws Error for other tasks.
WaveHead waveHead(const ModelConfig& config, std::int64_t projectedSize, WeightSource& weights);
/// A model of waves whose weights stand behind prefix; base is what its class without a head gives.
std::unique_ptr<Model> buildWave(const ModelSource& source,
                                 const std::string& prefix,
                                 const WaveHead& base,
                                 WeightSource& weights);

} // namespace tw
