// SPDX-License-Identifier: Apache-2.0
// CLIP (Radford et al. 2021): a causal encoder of texts and a ViT, trained to agree; both together
// or one of them.

#include "core/base/translate.h"
#include "core/model/clip_model.h"
#include "core/model/registry.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr std::int64_t kWidth = 512; // of embeddings, where the config is silent

bool isWhole(const ModelConfig& config)
{
    return config.architecture == "CLIPModel";
}

bool isProjected(const ModelConfig& config)
{
    return config.architecture.ends_with("WithProjection");
}

/// Settings of one tower: the whole file, or what CLIPModel says of it. Where old files say it
/// twice, "_dict" counts.
JsonKeys towerKeys(const JsonKeys& keys, const ModelConfig& config, const std::string& tower)
{
    if (!isWhole(config))
        return keys;
    for (const std::string& key : {tower + "_config_dict", tower + "_config"})
        if (auto found = keys.object(key.c_str()))
            return *found;
    return JsonKeys(Json::object());
}

ModelConfig textConfig(const JsonKeys& keys)
{
    ModelConfig to = visionConfig(keys, kNormEpsilon);
    to.vocabularySize = keys.integer("vocab_size", 49408);
    to.hiddenSize = keys.integer("hidden_size", 512);
    to.intermediateSize = keys.integer("intermediate_size", 2048);
    to.heads = to.kvHeads = keys.integer("num_attention_heads", 8);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.contextLength = keys.integer("max_position_embeddings", 77);
    to.activation = keys.text("hidden_act", "quick_gelu");
    to.positions = Positions::Learned;
    to.isCausal = true;
    return to;
}

ModelConfig imageConfig(const JsonKeys& keys)
{
    ModelConfig to = visionConfig(keys, kNormEpsilon);
    to.activation = keys.text("hidden_act", "quick_gelu");
    to.hasFinalNorm = false; // it is for the pooled token alone
    to.hasEmbedNorm = true;
    Patches patches;
    patches.channels = keys.integer("num_channels", 3);
    patches.height = patches.width = keys.integer("image_size", 224);
    patches.size = patches.rowStride = patches.columnStride = keys.integer("patch_size", 32);
    patches.hasBias = false;
    readPatches(patches, 1, to);
    return to;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig named;
    readTask(keys, named);
    const bool isVision = named.architecture.starts_with("CLIPVision");
    ModelConfig to = isVision ? imageConfig(keys) : textConfig(towerKeys(keys, named, "text"));
    if (isWhole(named))
        to.patches = imageConfig(towerKeys(keys, named, "vision")).patches;
    to.family = "clip";
    to.architecture = named.architecture;
    to.task = named.task;
    return to;
}

std::map<SiteKind, std::string> layerNames(const std::string& layer)
{
    return {{SiteKind::Norm1, layer + ".layer_norm1"},
            {SiteKind::AttnQ, layer + ".self_attn.q_proj"},
            {SiteKind::AttnK, layer + ".self_attn.k_proj"},
            {SiteKind::AttnV, layer + ".self_attn.v_proj"},
            {SiteKind::AttnO, layer + ".self_attn.out_proj"},
            {SiteKind::AttnOut, layer + ".self_attn"},
            {SiteKind::Norm2, layer + ".layer_norm2"},
            {SiteKind::MlpUp, layer + ".mlp.fc1"},
            {SiteKind::MlpDown, layer + ".mlp.fc2"},
            {SiteKind::MlpOut, layer + ".mlp"},
            {SiteKind::BlockOut, layer}};
}

ModuleNames textNames()
{
    return ModuleNames(layerNames("text_model.encoder.layers.{}"))
        .with({{SiteKind::Embed, "text_model.embeddings.token_embedding"},
               {SiteKind::EmbedPosition, "text_model.embeddings.position_embedding"},
               {SiteKind::FinalNorm, "text_model.final_layer_norm"}});
}

ModuleNames imageNames()
{
    return ModuleNames(layerNames("vision_model.encoder.layers.{}"))
        .with({{SiteKind::EmbedPatch, "vision_model.embeddings.patch_embedding"},
               {SiteKind::EmbedNorm, "vision_model.pre_layrnorm"}}); // spelled so in all files
}

ModuleNames names(const ModelConfig& config)
{
    return config.vocabularySize > 0 ? textNames() : imageNames();
}

/// The learned token: normed, and projected where a projection is defined.
VisionHead firstTokenOf(const Norm& norm, const at::Tensor& projection)
{
    return [norm, projection](const at::Tensor& hidden) {
        const at::Tensor first = norm.forward(hidden.select(1, 0));
        if (projection.defined())
            return Tensors {{"last_hidden_state", hidden},
                            {"image_embeds", at::linear(first, projection)}};
        return Tensors {{"last_hidden_state", hidden}, {"pooler_output", first}};
    };
}

std::unique_ptr<VisionModel> imageModel(const ModelConfig& config,
                                        const ModuleNames& names,
                                        std::int64_t width,
                                        WeightSource& weights)
{
    const std::string embeddings = "vision_model.embeddings.";
    VisionTower tower(
        config, names,
        {{embeddings + "class_embedding"}, embeddings + "position_embedding.weight", {}, {}},
        weights);
    const Norm norm(config, weights, "vision_model.post_layernorm", config.hiddenSize);
    at::Tensor projection;
    if (width > 0)
        projection = weights.take("visual_projection.weight", {width, config.hiddenSize});
    return std::make_unique<VisionModel>(config, std::move(tower), firstTokenOf(norm, projection),
                                         weights.taken());
}

std::unique_ptr<Transformer> textModel(const ModelConfig& config,
                                       const JsonKeys& keys,
                                       std::int64_t width,
                                       WeightSource& weights)
{
    const std::int64_t endId = keys.integer("eos_token_id", 49407);
    return std::make_unique<Transformer>(
        config, textNames(), weights,
        [endId, width](const ModelConfig& own, const HeadParts&, WeightSource& from) {
            return endTokenHead(endId,
                                width > 0
                                    ? from.take("text_projection.weight", {width, own.hiddenSize})
                                    : at::Tensor());
        });
}

std::unique_ptr<Model> build(const ModelSource& source, WeightSource& weights)
{
    const ModelConfig& config = source.config;
    const JsonKeys keys(parseJson(source.configText, "config.json"));
    const std::int64_t width = isProjected(config) ? headWidth(keys, "projection_dim", kWidth) : 0;
    if (config.vocabularySize == 0)
        return imageModel(config, imageNames(), width, weights);
    auto text = textModel(config, towerKeys(keys, config, "text"), width, weights);
    if (!isWhole(config))
        return text;
    ModelConfig image = imageConfig(towerKeys(keys, config, "vision"));
    image.family = config.family;
    image.architecture = config.architecture;
    checkConfig(image, source.path.string());
    auto vision = imageModel(
        image, imageNames().startingAt(static_cast<std::int32_t>(config.layers)), 0, weights);
    return std::make_unique<ClipModel>(config, std::move(text), std::move(vision),
                                       headWidth(keys, "projection_dim", kWidth), weights);
}

} // namespace

void registerClip(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "clip";
    family.title = QT_TRANSLATE_NOOP("family", "CLIP");
    family.reads = [](const std::string& architecture) {
        return architecture == "CLIPModel" || architecture == "CLIPTextModel"
            || architecture == "CLIPVisionModel" || architecture == "CLIPTextModelWithProjection"
            || architecture == "CLIPVisionModelWithProjection";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.build = build;
    registry.add(std::move(family));
}

} // namespace tw
