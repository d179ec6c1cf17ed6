// SPDX-License-Identifier: Apache-2.0
// DistilBERT (Sanh et al. 2019): half of BERT's layers, no token types, no pooler.

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

namespace tw {
namespace {

constexpr double kNormEpsilon = 1e-12; // not a setting of the family

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to;
    to.family = "distilbert";
    to.paddingId = 0;
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size", 30522);
    to.hiddenSize = keys.integer("dim", 768);
    to.layers = keys.integer("n_layers", 6);
    to.heads = to.kvHeads = keys.integer("n_heads", 12);
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = keys.integer("hidden_dim", 3072);
    to.contextLength = keys.integer("max_position_embeddings", 512);
    to.activation = keys.text("activation", "gelu");
    to.normEpsilon = kNormEpsilon;
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.isCausal = false;
    to.norm = NormKind::Layer;
    to.normPlace = NormPlace::AfterSum;
    to.hasFinalNorm = false;
    to.hasEmbedNorm = true;
    to.positions = Positions::Learned;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = true;
    return to;
}

ModuleNames names(const ModelConfig&)
{
    const std::string layer = "distilbert.transformer.layer.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, "distilbert.embeddings.word_embeddings"},
        {SiteKind::EmbedPosition, "distilbert.embeddings.position_embeddings"},
        {SiteKind::EmbedNorm, "distilbert.embeddings.LayerNorm"},
        {SiteKind::AttnQ, layer + "attention.q_lin"},
        {SiteKind::AttnK, layer + "attention.k_lin"},
        {SiteKind::AttnV, layer + "attention.v_lin"},
        {SiteKind::AttnO, layer + "attention.out_lin"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::Norm1, layer + "sa_layer_norm"},
        {SiteKind::MlpUp, layer + "ffn.lin1"},
        {SiteKind::MlpDown, layer + "ffn.lin2"},
        {SiteKind::MlpOut, layer + "ffn"},
        {SiteKind::Norm2, layer + "output_layer_norm"},
        {SiteKind::BlockOut, "distilbert.transformer.layer.{}"}};
}

std::unique_ptr<TextHead>
makeHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base:
        return baseHead({});
    case ModelTask::MaskedLm: {
        DenseLayer dense =
            squareLayer(config, "vocab_transform", activationFrom(config.activation), weights);
        dense.withNorm(config, weights, "vocab_layer_norm");
        return maskedHead(std::move(dense),
                          vocabularyOf(config, parts.tokens, "vocab_projector",
                                       {"vocab_projector.bias"}, weights));
    }
    case ModelTask::SequenceClassification: {
        DenseLayer dense = squareLayer(config, "pre_classifier", activationFrom("relu"), weights);
        return firstTokenHead(std::move(dense), labelsLayer(config, "classifier", weights));
    }
    default:
        return commonHead(config, weights);
    }
}

} // namespace

void registerDistilbert(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "distilbert";
    family.title = QT_TRANSLATE_NOOP("family", "DistilBERT");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("DistilBertFor") || architecture == "DistilBertModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "distilbert.";
    family.otherName = oldNormName;
    family.makeHead = makeHead;
    registry.add(std::move(family));
}

} // namespace tw
