// SPDX-License-Identifier: Apache-2.0
// ViT (Dosovitskiy et al. 2021): images as sequences of patches behind one learned token.

#include "core/base/translate.h"
#include "core/model/registry.h"
#include "core/model/vision_model.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = visionConfig(keys, 1e-12);
    to.family = "vit";
    readTask(keys, to);
    Patches patches;
    patches.channels = keys.integer("num_channels", 3);
    patches.height = patches.width = keys.integer("image_size", 224);
    patches.size = patches.rowStride = patches.columnStride = keys.integer("patch_size", 16);
    readPatches(patches, 1, to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    const std::string layer = "vit.encoder.layer.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::EmbedPatch, "vit.embeddings.patch_embeddings.projection"},
        {SiteKind::Norm1, layer + "layernorm_before"},
        {SiteKind::AttnQ, layer + "attention.attention.query"},
        {SiteKind::AttnK, layer + "attention.attention.key"},
        {SiteKind::AttnV, layer + "attention.attention.value"},
        {SiteKind::AttnO, layer + "attention.output.dense"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::Norm2, layer + "layernorm_after"},
        {SiteKind::MlpUp, layer + "intermediate.dense"},
        {SiteKind::MlpDown, layer + "output.dense"},
        {SiteKind::BlockOut, "vit.encoder.layer.{}"},
        {SiteKind::FinalNorm, "vit.layernorm"}};
}

VisionHead pooledHead(const ModelConfig& config, const ModelSource& source, WeightSource& weights)
{
    const JsonKeys keys(parseJson(source.configText, "config.json"));
    DenseLayer pooler;
    if (weights.has("pooler.dense.weight")) // files that began as classifiers have none
        pooler = DenseLayer(weights, "pooler.dense", config.hiddenSize,
                            headWidth(keys, "pooler_output_size", config.hiddenSize),
                            activationFrom(keys.text("pooler_act", "tanh")));
    return [pooler](const at::Tensor& hidden) {
        Tensors found {{"last_hidden_state", hidden}};
        if (pooler.isDefined())
            found["pooler_output"] = pooler.forward(hidden.select(1, 0));
        return found;
    };
}

VisionHead labelsHead(const ModelConfig& config, WeightSource& weights)
{
    const DenseLayer classifier(weights, "classifier", config.hiddenSize,
                                static_cast<std::int64_t>(config.labels.size()));
    return [classifier](const at::Tensor& hidden) {
        return Tensors {{"logits", classifier.forward(hidden.select(1, 0))}};
    };
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    const ModelConfig& config = source.config;
    const std::string embeddings =
        config.task == ModelTask::Base ? "embeddings." : "vit.embeddings.";
    VisionTower tower(config, source.names(),
                      {{embeddings + "cls_token"},
                       embeddings + "position_embeddings",
                       embeddings + "mask_token",
                       {1}},
                      weights);
    const std::size_t below = weights.taken().size();
    VisionHead head = config.task == ModelTask::Base ? pooledHead(config, source, weights)
                                                     : labelsHead(config, weights);
    return std::make_unique<VisionModel>(config, std::move(tower), std::move(head), weights.taken(),
                                         takenBehind(weights, below));
}

} // namespace

void registerVit(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "vit";
    family.title = QT_TRANSLATE_NOOP("family", "ViT");
    family.reads = [](const std::string& architecture) {
        return architecture == "ViTModel" || architecture == "ViTForImageClassification";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "vit.";
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
