// SPDX-License-Identifier: Apache-2.0
// BLOOM (Le Scao et al. 2022): ALiBi's slopes, a norm behind the embedding.

#include "core/base/translate.h"
#include "core/model/config_keys.h"
#include "core/model/registry.h"

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    to.family = "bloom";
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 250880);
    to.hiddenSize = keys.integer("hidden_size", keys.integer("n_embed", 64));
    to.layers = keys.integer("n_layer", keys.integer("num_hidden_layers", 2));
    to.heads = to.kvHeads = keys.integer("n_head", keys.integer("num_attention_heads", 8));
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = 4 * to.hiddenSize;
    to.contextLength = keys.integer("seq_length", 2048); // trained with; the slopes go on
    to.normEpsilon = keys.real("layer_norm_epsilon", 1e-5);
    to.activation = "gelu_pytorch_tanh";
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.positions = Positions::Alibi;
    to.norm = NormKind::Layer;
    to.hasEmbedNorm = true;
    to.qkv = QkvLayout::Grouped;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = true;
    if (keys.flag("apply_residual_connection_post_layernorm", false))
        throw Error("its sums start from normed states "
                    "(apply_residual_connection_post_layernorm), which is not supported.",
                    "Choose another model.");
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "transformer.word_embeddings"},
        {SiteKind::EmbedNorm, "transformer.word_embeddings_layernorm"},
        {SiteKind::Norm1, "transformer.h.{}.input_layernorm"},
        {SiteKind::AttnQkv, "transformer.h.{}.self_attention.query_key_value"},
        {SiteKind::AttnO, "transformer.h.{}.self_attention.dense"},
        {SiteKind::AttnOut, "transformer.h.{}.self_attention"},
        {SiteKind::Norm2, "transformer.h.{}.post_attention_layernorm"},
        {SiteKind::MlpUp, "transformer.h.{}.mlp.dense_h_to_4h"},
        {SiteKind::MlpDown, "transformer.h.{}.mlp.dense_4h_to_h"},
        {SiteKind::MlpOut, "transformer.h.{}.mlp"},
        {SiteKind::BlockOut, "transformer.h.{}"},
        {SiteKind::FinalNorm, "transformer.ln_f"},
        {SiteKind::Head, "lm_head"}};
}

} // namespace

void registerBloom(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "bloom";
    family.title = QT_TRANSLATE_NOOP("family", "BLOOM");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("BloomFor") || architecture == "BloomModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "transformer.";
    family.heads = {"score", "classifier", true};
    registry.add(std::move(family));
}

} // namespace tw
