// SPDX-License-Identifier: Apache-2.0
// AST (Gong et al. 2021): ViT's encoder over spectrograms, in overlapping patches behind two
// learned tokens.

#include "core/base/translate.h"
#include "core/model/registry.h"
#include "core/model/vision_model.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr const char* kPrefix = "audio_spectrogram_transformer.";

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = visionConfig(keys, 1e-12);
    to.family = "ast";
    readTask(keys, to);
    Patches patches;
    patches.channels = 1;
    patches.height = keys.integer("num_mel_bins", 128);
    patches.width = keys.integer("max_length", 1024);
    patches.size = keys.integer("patch_size", 16);
    patches.rowStride = keys.integer("frequency_stride", 10);
    patches.columnStride = keys.integer("time_stride", 10);
    patches.isSpectrogram = true;
    readPatches(patches, 2, to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    const std::string model = kPrefix;
    const std::string layer = model + "encoder.layer.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::EmbedPatch, model + "embeddings.patch_embeddings.projection"},
        {SiteKind::Norm1, layer + "layernorm_before"},
        {SiteKind::AttnQ, layer + "attention.attention.query"},
        {SiteKind::AttnK, layer + "attention.attention.key"},
        {SiteKind::AttnV, layer + "attention.attention.value"},
        {SiteKind::AttnO, layer + "attention.output.dense"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::Norm2, layer + "layernorm_after"},
        {SiteKind::MlpUp, layer + "intermediate.dense"},
        {SiteKind::MlpDown, layer + "output.dense"},
        {SiteKind::BlockOut, model + "encoder.layer.{}"},
        {SiteKind::FinalNorm, model + "layernorm"}};
}

/// Of the two learned tokens, which were taught by labels and by another model.
at::Tensor pooled(const at::Tensor& hidden)
{
    return (hidden.select(1, 0) + hidden.select(1, 1)) / 2;
}

Tensors baseOutputs(const at::Tensor& hidden)
{
    return {{"last_hidden_state", hidden}, {"pooler_output", pooled(hidden)}};
}

VisionHead labelsHead(const ModelConfig& config, WeightSource& weights)
{
    const Norm norm(config, weights, "classifier.layernorm", config.hiddenSize);
    const DenseLayer dense(weights, "classifier.dense", config.hiddenSize,
                           static_cast<std::int64_t>(config.labels.size()));
    return [norm, dense](const at::Tensor& hidden) {
        return Tensors {{"logits", dense.forward(norm.forward(pooled(hidden)))}};
    };
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    const ModelConfig& config = source.config;
    const bool isBase = config.task == ModelTask::Base;
    const std::string embeddings = (isBase ? "" : kPrefix) + std::string("embeddings.");
    VisionTower tower(config, source.names(),
                      {{embeddings + "cls_token", embeddings + "distillation_token"},
                       embeddings + "position_embeddings",
                       {},
                       {1}},
                      weights);
    const std::size_t below = weights.taken().size();
    VisionHead head = isBase ? VisionHead(baseOutputs) : labelsHead(config, weights);
    return std::make_unique<VisionModel>(config, std::move(tower), std::move(head), weights.taken(),
                                         takenBehind(weights, below));
}

} // namespace

void registerAst(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "ast";
    family.title = QT_TRANSLATE_NOOP("family", "Audio Spectrogram Transformer");
    family.reads = [](const std::string& architecture) {
        return architecture == "ASTModel" || architecture == "ASTForAudioClassification";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = kPrefix;
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
