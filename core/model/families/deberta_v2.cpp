// SPDX-License-Identifier: Apache-2.0
// DeBERTa v2 and v3 (He et al. 2021): scores between contents and relative positions.

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

#include <cmath>

namespace tw {
namespace {

/// A list, or its entries in one text with "|" between them.
bool lists(const JsonKeys& keys, const char* key, const std::string& entry)
{
    const Json* value = keys.find(key);
    if (value == nullptr)
        return false;
    if (value->is_string())
        return value->get<std::string>().find(entry) != std::string::npos;
    return value->is_array() && std::find(value->begin(), value->end(), entry) != value->end();
}

void readRelative(const JsonKeys& keys, ModelConfig& to)
{
    Disentangled found;
    found.hasKeys = lists(keys, "pos_att_type", "c2p");
    found.hasQueries = lists(keys, "pos_att_type", "p2c");
    const double terms = 1.0 + found.hasKeys + found.hasQueries;
    found.scale = 1.0 / std::sqrt(static_cast<double>(to.headSize) * terms);
    to.attentionScale = found.scale;
    if (!keys.flag("relative_attention", false))
        return;
    found.farthest = keys.integer("max_relative_positions", -1);
    if (found.farthest < 1)
        found.farthest = to.contextLength;
    found.buckets = keys.integer("position_buckets", -1);
    found.span = found.buckets > 0 ? found.buckets : found.farthest;
    found.sharesProjections = keys.flag("share_att_key", false);
    found.hasNorm = lists(keys, "norm_rel_ebd", "layer_norm");
    to.disentangled = found;
}

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = bertConfig(keys, 1e-7);
    to.family = "deberta_v2";
    to.tokenTypes = keys.integer("type_vocab_size", 0);
    to.embeddingSize = keys.integer("embedding_size", to.hiddenSize);
    to.projectsSum = to.normsProjected = true;
    to.headSize = keys.integer("attention_head_size", to.headSize);
    if (!keys.flag("position_biased_input", true))
        to.positions = Positions::None;
    if (keys.integer("conv_kernel_size", 0) > 0)
        throw Error("it has a convolution beside its first layer (conv_kernel_size), which is not "
                    "supported.",
                    "Choose a DeBERTa v3 model.");
    if (const std::string pooler = keys.text("pooler_hidden_act", "gelu"); pooler != "gelu")
        throw Error("its pooler ends with \"" + pooler
                        + "\" (pooler_hidden_act), which is not "
                          "supported.",
                    "Supported is gelu, which every published model has.");
    readRelative(keys, to);
    return to;
}

ModuleNames names(const ModelConfig&)
{
    const std::string layer = "deberta.encoder.layer.{}.attention.self.";
    return bertNames("deberta.")
        .with({{SiteKind::EmbedProject, "deberta.embeddings.embed_proj"},
               {SiteKind::EmbedRelative, "deberta.encoder.rel_embeddings"},
               {SiteKind::EmbedRelativeNorm, "deberta.encoder.LayerNorm"},
               {SiteKind::AttnQ, layer + "query_proj"},
               {SiteKind::AttnK, layer + "key_proj"},
               {SiteKind::AttnV, layer + "value_proj"},
               {SiteKind::AttnPosK, layer + "pos_key_proj"},
               {SiteKind::AttnPosQ, layer + "pos_query_proj"}});
}

/// Two generations of the class store it under different names.
std::unique_ptr<TextHead>
maskedLm(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    const bool isLater = weights.has("lm_predictions.lm_head.dense.weight");
    const std::string module = isLater ? "lm_predictions.lm_head." : "cls.predictions.transform.";
    const std::int64_t width = isLater ? config.hiddenSize : config.embeddingWidth();
    DenseLayer dense(weights, module + "dense", config.hiddenSize, width,
                     activationFrom(config.activation));
    dense.withNorm(config, weights, module + "LayerNorm");
    return maskedHead(std::move(dense),
                      vocabularyOf(config, parts.tokens, "cls.predictions.decoder",
                                   {"cls.predictions.bias", "lm_predictions.lm_head.bias",
                                    "cls.predictions.decoder.bias"},
                                   weights));
}

std::unique_ptr<TextHead>
makeHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base:
        return baseHead({});
    case ModelTask::MaskedLm:
        return maskedLm(config, parts, weights);
    case ModelTask::SequenceClassification: {
        DenseLayer dense = squareLayer(config, "pooler.dense", activationFrom("gelu"), weights);
        return firstTokenHead(std::move(dense), labelsLayer(config, "classifier", weights));
    }
    default:
        return commonHead(config, weights);
    }
}

} // namespace

void registerDebertaV2(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "deberta_v2";
    family.title = QT_TRANSLATE_NOOP("family", "DeBERTa v2 and v3");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("DebertaV2For") || architecture == "DebertaV2Model";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "deberta.";
    family.otherName = oldNormName;
    family.makeHead = makeHead;
    registry.add(std::move(family));
}

} // namespace tw
