// SPDX-License-Identifier: Apache-2.0
// OPT (Zhang et al. 2022): learned positions that count attended tokens from 2. The 350m model has
// its norms after the sums and embeddings narrower than its blocks.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/model/config_keys.h"
#include "core/model/registry.h"

namespace tw {
namespace {

constexpr std::int64_t kFirstPosition = 2;

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    to.family = "opt";
    to.paddingId = 1;
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 50272);
    to.hiddenSize = keys.integer("hidden_size", 768);
    to.layers = keys.integer("num_hidden_layers", 12);
    to.heads = to.kvHeads = keys.integer("num_attention_heads", 12);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = keys.integer("ffn_dim", 3072);
    to.contextLength = keys.integer("max_position_embeddings", 2048);
    to.embeddingSize = keys.integer("word_embed_proj_dim", to.hiddenSize);
    to.activation = keys.text("activation_function", "relu");
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.positions = Positions::Learned;
    to.positionCount = PositionCount::Attended;
    to.positionOffset = kFirstPosition;
    to.norm = NormKind::Layer;
    const bool isBefore = keys.flag("do_layer_norm_before", true);
    to.normPlace = isBefore ? NormPlace::Before : NormPlace::AfterSum;
    to.hasFinalNorm = isBefore && !keys.flag("_remove_final_layer_norm", false);
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = keys.flag("enable_bias", true);
    if (!keys.flag("layer_norm_elementwise_affine", true))
        throw Error("its norms have no weights (layer_norm_elementwise_affine), which is not "
                    "supported.",
                    "Choose another model.");
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "model.decoder.embed_tokens"},
        {SiteKind::EmbedPosition, "model.decoder.embed_positions"},
        {SiteKind::EmbedProject, "model.decoder.project_in"},
        {SiteKind::Norm1, "model.decoder.layers.{}.self_attn_layer_norm"},
        {SiteKind::AttnQ, "model.decoder.layers.{}.self_attn.q_proj"},
        {SiteKind::AttnK, "model.decoder.layers.{}.self_attn.k_proj"},
        {SiteKind::AttnV, "model.decoder.layers.{}.self_attn.v_proj"},
        {SiteKind::AttnO, "model.decoder.layers.{}.self_attn.out_proj"},
        {SiteKind::AttnOut, "model.decoder.layers.{}.self_attn"},
        {SiteKind::Norm2, "model.decoder.layers.{}.final_layer_norm"},
        {SiteKind::MlpUp, "model.decoder.layers.{}.fc1"},
        {SiteKind::MlpDown, "model.decoder.layers.{}.fc2"},
        {SiteKind::BlockOut, "model.decoder.layers.{}"},
        {SiteKind::FinalNorm, "model.decoder.final_layer_norm"},
        {SiteKind::HeadProject, "model.decoder.project_out"},
        {SiteKind::Head, "lm_head"}};
}

} // namespace

void registerOpt(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "opt";
    family.title = QT_TRANSLATE_NOOP("family", "OPT");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("OPTFor") || architecture == "OPTModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "model.";
    registry.add(std::move(family));
}

} // namespace tw
