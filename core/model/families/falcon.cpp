// SPDX-License-Identifier: Apache-2.0
// Falcon (Almazrouei et al. 2023). Falcon-RW has ALiBi's slopes; the larger ones turn their heads
// and let attention and MLP read the same states.

#include "core/base/translate.h"
#include "core/model/decoder_config.h"
#include "core/model/registry.h"

namespace tw {
namespace {

void readHeads(const JsonKeys& keys, ModelConfig& to, bool isNew)
{
    to.heads = keys.integer("num_attention_heads", 71);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    const bool sharesKeys = keys.flag("multi_query", true);
    to.kvHeads = isNew ? keys.integer("num_kv_heads", to.heads) : sharesKeys ? 1 : to.heads;
    to.qkv = QkvLayout::Grouped;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    to.family = "falcon";
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 65024);
    to.hiddenSize = keys.integer("hidden_size", 4544);
    to.layers = keys.integer("num_hidden_layers", 32);
    to.intermediateSize = keys.integer("ffn_hidden_size", 4 * to.hiddenSize);
    to.contextLength = keys.integer("max_position_embeddings", 2048);
    to.normEpsilon = keys.real("layer_norm_epsilon", 1e-5);
    to.activation = keys.text("activation", "gelu");
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.norm = NormKind::Layer;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = keys.flag("bias", false);
    const bool isNew = keys.flag("new_decoder_architecture", false);
    readHeads(keys, to, isNew);
    to.isParallel = isNew || keys.flag("parallel_attn", true);
    const std::int64_t norms = keys.integer("num_ln_in_parallel_attn", isNew ? 2 : 1);
    to.sharesNorm = to.isParallel && norms == 1;
    if (keys.flag("alibi", false)) {
        to.positions = Positions::Alibi;
        to.roundsAlibi = true;
    } else {
        readRope(keys, to);
    }
    return to;
}

ModuleNames names(const ModelConfig& config)
{
    const bool hasTwoNorms = config.isParallel && !config.sharesNorm;
    const std::string layer = "transformer.h.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "transformer.word_embeddings"},
        {SiteKind::Norm1, layer + (hasTwoNorms ? "ln_attn" : "input_layernorm")},
        {SiteKind::AttnQkv, layer + "self_attention.query_key_value"},
        {SiteKind::AttnO, layer + "self_attention.dense"},
        {SiteKind::AttnOut, layer + "self_attention"},
        {SiteKind::Norm2, layer + (hasTwoNorms ? "ln_mlp" : "post_attention_layernorm")},
        {SiteKind::MlpUp, layer + "mlp.dense_h_to_4h"},
        {SiteKind::MlpDown, layer + "mlp.dense_4h_to_h"},
        {SiteKind::MlpOut, layer + "mlp"},
        {SiteKind::BlockOut, "transformer.h.{}"},
        {SiteKind::FinalNorm, "transformer.ln_f"},
        {SiteKind::Head, "lm_head"}};
}

} // namespace

void registerFalcon(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "falcon";
    family.title = QT_TRANSLATE_NOOP("family", "Falcon");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("FalconFor") || architecture == "FalconModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "transformer.";
    family.heads = {"score", "classifier", true};
    registry.add(std::move(family));
}

} // namespace tw
