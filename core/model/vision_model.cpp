// SPDX-License-Identifier: Apache-2.0
#include "core/model/vision_model.h"

#include "core/base/error.h"
#include "core/model/transformer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace tw {
namespace {

at::Tensor imagesFrom(const Tensors& inputs, bool isSpectrogram)
{
    const char* name = isSpectrogram ? "input_values" : "pixel_values";
    const auto it = inputs.find(name);
    if (it == inputs.end())
        throw Error(std::string("There are no \"") + name + "\", which the model reads"
                        + (inputs.contains("input_ids") ? " instead of text." : "."),
                    isSpectrogram ? "Give it spectrograms: [sounds, time, frequencies]."
                                  : "Give it images: [images, channels, height, width].");
    if (!isSpectrogram)
        return it->second;
    if (it->second.dim() != 3)
        throw Error("the \"input_values\" are no list of spectrograms.",
                    "Give numbers of the shape [sounds, time, frequencies].");
    return it->second.transpose(1, 2).unsqueeze(1);
}

} // namespace

VisionTower::VisionTower(const ModelConfig& config,
                         const ModuleNames& names,
                         const PatchNames& own,
                         WeightSource& weights)
    : m_isSpectrogram(config.patches.value().isSpectrogram)
    , m_embedding(config, names, own, weights)
    , m_stack(config, names, weights)
{
}

std::vector<SiteInfo> VisionTower::sites() const
{
    std::vector<SiteInfo> all = m_embedding.sites();
    all.insert(all.end(), m_stack.sites().begin(), m_stack.sites().end());
    return all;
}

at::Tensor VisionTower::hidden(const Tensors& inputs) const
{
    const at::Tensor x = m_embedding.forward(imagesFrom(inputs, m_isSpectrogram));
    StackInput around;
    for (std::int64_t image = 0; image <= x.size(0); ++image)
        around.starts.push_back(image * x.size(1));
    return m_stack.forward(x.reshape({-1, x.size(2)}), around).view(x.sizes());
}

VisionModel::VisionModel(const ModelConfig& config,
                         VisionTower tower,
                         VisionHead head,
                         NamedTensors weights,
                         NamedTensors headWeights)
    : m_config(config)
    , m_tower(std::move(tower))
    , m_head(std::move(head))
    , m_sites(m_tower.sites())
    , m_weights(std::move(weights))
    , m_headWeights(std::move(headWeights))
{
}

const Linear& VisionModel::linear(Site site) const
{
    return linearAt(site, {&m_tower.stack()});
}

Linear& VisionModel::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

HiddenChanges& VisionModel::hiddenChanges(const SiteInfo& place)
{
    return changesAt(place, {&m_tower.stack()});
}

Tensors VisionModel::forward(const Tensors& inputs) const
{
    return m_head(m_tower.hidden(inputs));
}

ModelConfig visionConfig(const JsonKeys& keys, double layerNormEpsilon)
{
    ModelConfig to;
    to.hiddenSize = keys.integer("hidden_size", 768);
    to.layers = keys.integer("num_hidden_layers", 12);
    to.heads = to.kvHeads = keys.integer("num_attention_heads", 12);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = keys.integer("intermediate_size", 3072);
    to.activation = keys.text("hidden_act", "gelu");
    to.normEpsilon = keys.real("layer_norm_eps", layerNormEpsilon);
    to.hasQkvBias = keys.flag("qkv_bias", true);
    to.hasOutputBias = to.hasMlpBias = true;
    to.isCausal = false;
    to.isGated = false;
    to.norm = NormKind::Layer;
    to.positions = Positions::None;
    return to;
}

void readPatches(const Patches& patches, std::int64_t learnedTokens, ModelConfig& to)
{
    if (patches.size < 1 || patches.rowStride < 1 || patches.columnStride < 1
        || patches.size > std::min(patches.height, patches.width)
        || std::max(patches.height, patches.width) > kMostPixels)
        throw Error("its images of " + std::to_string(patches.width) + " x "
                        + std::to_string(patches.height) + " cannot be cut into patches of "
                        + std::to_string(patches.size) + ".",
                    kFetchAgain);
    to.patches = patches;
    to.contextLength = learnedTokens + patches.rows() * patches.columns();
}

} // namespace tw
