// SPDX-License-Identifier: Apache-2.0
#include "core/model/wave_embedding.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr double kConvolutionEpsilon = 1e-5; // PyTorch's, which no config changes

} // namespace

WaveEmbedding::WaveEmbedding(const ModelConfig& config,
                             const std::string& prefix,
                             WeightSource& weights)
    : m_wave(config.waveform.value())
    , m_activation(activationFrom(m_wave.activation))
{
    addConvolutions(prefix + "feature_extractor.conv_layers.", weights);
    const std::int64_t width = m_wave.convolutions.back().channels;
    if (m_wave.normsFeatures)
        m_featureNorm = Norm(config, weights, prefix + "feature_projection.layer_norm", width);
    const std::string projection = prefix + "feature_projection.projection";
    m_project = DenseLayer(weights, projection, width, config.hiddenSize);
    m_sites.push_back({{SiteKind::EmbedProject, -1},
                       projection,
                       width,
                       config.hiddenSize,
                       false,
                       true,
                       true});
    addPositions(prefix + "encoder.pos_conv_embed.conv", config.hiddenSize, weights);
    if (!config.hasEmbedNorm)
        return;
    const std::string norm = prefix + "encoder.layer_norm";
    m_norm = Norm(config, weights, norm, config.hiddenSize);
    m_sites.push_back(
        {{SiteKind::EmbedNorm, -1}, norm, config.hiddenSize, config.hiddenSize, false, true, true});
}

void WaveEmbedding::addConvolutions(const std::string& prefix, WeightSource& weights)
{
    std::int64_t before = 1;
    for (std::size_t i = 0; i < m_wave.convolutions.size(); ++i) {
        const Waveform::Convolution& own = m_wave.convolutions[i];
        const std::string module = prefix + std::to_string(i) + ".";
        Layer layer;
        layer.weight = weights.take(module + "conv.weight", {own.channels, before, own.kernel});
        if (m_wave.hasBias)
            layer.bias = weights.take(module + "conv.bias", {own.channels});
        if (m_wave.normsEach || i == 0) {
            layer.normWeight = weights.take(module + "layer_norm.weight", {own.channels});
            layer.normBias = weights.take(module + "layer_norm.bias", {own.channels});
        }
        m_layers.push_back(std::move(layer));
        before = own.channels;
    }
}

void WaveEmbedding::addPositions(const std::string& module,
                                 std::int64_t width,
                                 WeightSource& weights)
{
    const std::string stored = module + ".parametrizations.weight.original";
    m_magnitude = weights.take(stored + "0", {1, 1, m_wave.positionKernel});
    m_direction =
        weights.take(stored + "1", {width, width / m_wave.positionGroups, m_wave.positionKernel});
    m_positionBias = weights.take(module + ".bias", {width});
    m_sites.push_back({{SiteKind::EmbedPosition, -1}, module, width, width, false});
}

at::Tensor WaveEmbedding::normed(const Layer& layer, const at::Tensor& x) const
{
    if (!layer.normWeight.defined())
        return x;
    if (!m_wave.normsEach) // each channel by itself, over time
        return at::group_norm(x, x.size(1), layer.normWeight, layer.normBias, kConvolutionEpsilon);
    return at::layer_norm(x.transpose(1, 2), layer.normWeight.sizes(), layer.normWeight,
                          layer.normBias, kConvolutionEpsilon)
        .transpose(1, 2);
}

at::Tensor WaveEmbedding::features(const at::Tensor& samples) const
{
    if (m_wave.tokensOf(samples.size(1)) < 1)
        throw Error("the sounds are too short: " + std::to_string(samples.size(1))
                        + " samples make no frame.",
                    "Give the model longer sounds, or pad them and give an attention_mask.");
    at::Tensor x = samples.unsqueeze(1);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const Layer& layer = m_layers[i];
        x = at::conv1d(x, layer.weight, layer.bias, m_wave.convolutions[i].stride);
        x = m_activation(normed(layer, x));
    }
    return m_featureNorm.forward(x.transpose(1, 2));
}

at::Tensor WaveEmbedding::placed(const at::Tensor& x) const
{
    // Weight normalisation (Salimans and Kingma 2016), one magnitude for each place of the kernel.
    const at::Tensor kernel = m_direction * (m_magnitude / m_direction.norm(2, {0, 1}, true));
    const std::int64_t frames = x.size(1);
    const at::Tensor places = at::conv1d(x.transpose(1, 2), kernel, m_positionBias, 1,
                                         m_wave.positionKernel / 2, 1, m_wave.positionGroups)
                                  .narrow(2, 0, frames) // an even kernel gives one too many
                                  .transpose(1, 2);
    return m_norm.forward(x + m_activation(places));
}

} // namespace tw
