// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/encoder_heads.h"
#include "core/model/norm.h"

namespace tw {

/// From samples of sound to the hidden states that a stack reads (wav2vec 2.0, Baevski et al. 2020,
/// section 2): convolutions, a projection, and a convolution that tells each token its place.
class WaveEmbedding
{
public:
    /// prefix stands before the names of the base model's weights ("wav2vec2.").
    WaveEmbedding(const ModelConfig& config, const std::string& prefix, WeightSource& weights);

    /// samples: [n, length] -> [n, frames, channels of the last convolution], normed where the
    /// config says it. Throws Error where the sound is too short for one frame.
    at::Tensor features(const at::Tensor& samples) const;
    /// features -> [n, frames, hidden].
    at::Tensor projected(const at::Tensor& features) const { return m_project.forward(features); }
    /// x + what tells the places. x: [n, frames, hidden], zeros at padding.
    at::Tensor placed(const at::Tensor& x) const;
    const std::vector<SiteInfo>& sites() const { return m_sites; }

private:
    struct Layer
    {
        at::Tensor weight; ///< [channels, channels before, kernel]
        at::Tensor bias; ///< [channels], or undefined
        at::Tensor normWeight; ///< [channels], or undefined
        at::Tensor normBias;
    };
    void addConvolutions(const std::string& prefix, WeightSource& weights);
    void addPositions(const std::string& module, std::int64_t width, WeightSource& weights);
    at::Tensor normed(const Layer& layer, const at::Tensor& x) const;

    Waveform m_wave;
    Activation m_activation;
    std::vector<Layer> m_layers;
    Norm m_featureNorm;
    DenseLayer m_project;
    at::Tensor m_direction; ///< of the positional kernel [hidden, hidden / groups, kernel]
    at::Tensor m_magnitude; ///< [1, 1, kernel]
    at::Tensor m_positionBias; ///< [hidden]
    Norm m_norm; ///< behind the positions, where the stack does not norm first
    std::vector<SiteInfo> m_sites;
};

} // namespace tw
