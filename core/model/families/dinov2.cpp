// SPDX-License-Identifier: Apache-2.0
// DINOv2 (Oquab et al. 2023): ViT's encoder with layer scale, for images of any size.

#include "core/base/translate.h"
#include "core/model/registry.h"
#include "core/model/vision_model.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

/// Of the gated variant: two thirds, rounded up to a multiple of 8, as its authors' code does it.
std::int64_t gatedSize(std::int64_t plain)
{
    return (static_cast<std::int64_t>(static_cast<double>(plain * 2) / 3.0) + 7) / 8 * 8;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = visionConfig(keys, 1e-6);
    to.family = "dinov2";
    readTask(keys, to);
    const double ratio = keys.real("mlp_ratio", 4.0);
    if (!(ratio > 0.0 && ratio < 1024.0) || to.hiddenSize > kMostPixels)
        throw Error("its mlp_ratio or hidden_size makes no model.", kFetchAgain);
    to.intermediateSize =
        static_cast<std::int64_t>(std::floor(static_cast<double>(to.hiddenSize) * ratio));
    if (keys.flag("use_swiglu_ffn", false)) {
        to.intermediateSize = gatedSize(to.intermediateSize);
        to.isGated = to.fusesGateUp = true;
        to.activation = "silu";
    }
    to.hasLayerScale = true;
    Patches patches;
    patches.channels = keys.integer("num_channels", 3);
    patches.height = patches.width = keys.integer("image_size", 224);
    patches.size = patches.rowStride = patches.columnStride = keys.integer("patch_size", 14);
    patches.takesOtherSizes = true;
    readPatches(patches, 1, to);
    return to;
}

ModuleNames names(const ModelConfig& config)
{
    const std::string layer = "dinov2.encoder.layer.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::EmbedPatch, "dinov2.embeddings.patch_embeddings.projection"},
        {SiteKind::Norm1, layer + "norm1"},
        {SiteKind::AttnQ, layer + "attention.attention.query"},
        {SiteKind::AttnK, layer + "attention.attention.key"},
        {SiteKind::AttnV, layer + "attention.attention.value"},
        {SiteKind::AttnO, layer + "attention.output.dense"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::AttnScale, layer + "layer_scale1.lambda1"},
        {SiteKind::Norm2, layer + "norm2"},
        {SiteKind::MlpGateUp, layer + "mlp.weights_in"},
        {SiteKind::MlpUp, layer + "mlp.fc1"},
        {SiteKind::MlpDown, layer + (config.isGated ? "mlp.weights_out" : "mlp.fc2")},
        {SiteKind::MlpOut, layer + "mlp"},
        {SiteKind::MlpScale, layer + "layer_scale2.lambda1"},
        {SiteKind::BlockOut, "dinov2.encoder.layer.{}"},
        {SiteKind::FinalNorm, "dinov2.layernorm"}};
}

Tensors pooled(const at::Tensor& hidden)
{
    return {{"last_hidden_state", hidden}, {"pooler_output", hidden.select(1, 0)}};
}

/// Labels from the learned token beside the mean of all patches.
VisionHead labelsHead(const ModelConfig& config, WeightSource& weights)
{
    const DenseLayer classifier(weights, "classifier", 2 * config.hiddenSize,
                                static_cast<std::int64_t>(config.labels.size()));
    return [classifier](const at::Tensor& hidden) {
        const at::Tensor patches = hidden.narrow(1, 1, hidden.size(1) - 1);
        return Tensors {
            {"logits", classifier.forward(at::cat({hidden.select(1, 0), patches.mean(1)}, 1))}};
    };
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    const ModelConfig& config = source.config;
    const bool isBase = config.task == ModelTask::Base;
    const std::string embeddings = isBase ? "embeddings." : "dinov2.embeddings.";
    PatchNames own {{embeddings + "cls_token"},
                    embeddings + "position_embeddings",
                    embeddings + "mask_token",
                    {1}};
    own.sharesOuter = false;
    VisionTower tower(config, source.names(), own, weights);
    const std::size_t below = weights.taken().size();
    VisionHead head = isBase ? VisionHead(pooled) : labelsHead(config, weights);
    return std::make_unique<VisionModel>(config, std::move(tower), std::move(head), weights.taken(),
                                         takenBehind(weights, below));
}

} // namespace

void registerDinov2(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "dinov2";
    family.title = QT_TRANSLATE_NOOP("family", "DINOv2");
    family.reads = [](const std::string& architecture) {
        return architecture == "Dinov2Model" || architecture == "Dinov2ForImageClassification";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "dinov2.";
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
