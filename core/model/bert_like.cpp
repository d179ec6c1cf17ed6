// SPDX-License-Identifier: Apache-2.0
#include "core/model/bert_like.h"

namespace tw {

ModelConfig bertConfig(const JsonKeys& keys, double layerNormEpsilon)
{
    ModelConfig to;
    to.paddingId = 0;
    readTask(keys, to);
    to.vocabularySize = keys.integer("vocab_size");
    to.hiddenSize = keys.integer("hidden_size");
    to.layers = keys.integer("num_hidden_layers");
    to.heads = to.kvHeads = keys.integer("num_attention_heads");
    to.headSize = to.heads > 0 ? to.hiddenSize / to.heads : 0;
    to.intermediateSize = keys.integer("intermediate_size");
    to.contextLength = keys.integer("max_position_embeddings", 512);
    to.tokenTypes = keys.integer("type_vocab_size", 2);
    to.activation = keys.text("hidden_act", "gelu");
    to.normEpsilon = keys.real("layer_norm_eps", layerNormEpsilon);
    to.tiesHead = keys.flag("tie_word_embeddings", true);
    to.isCausal = false;
    to.norm = NormKind::Layer;
    to.normPlace = NormPlace::AfterSum;
    to.hasFinalNorm = false;
    to.hasEmbedNorm = true;
    to.positions = Positions::Learned;
    to.isGated = false;
    to.hasQkvBias = to.hasOutputBias = to.hasMlpBias = true;
    if (keys.flag("is_decoder", false))
        throw Error("it is the decoder of a larger model (is_decoder), which is not supported by "
                    "itself.",
                    "Choose another model.");
    if (const std::string kind = keys.text("position_embedding_type", "absolute");
        kind != "absolute")
        throw Error("its positions are \"" + kind + "\", which is not supported.",
                    "Choose a model whose position_embedding_type is absolute.");
    return to;
}

ModuleNames bertNames(const std::string& prefix)
{
    const std::string layer = prefix + "encoder.layer.{}.";
    return std::map<SiteKind, std::string> {
        {SiteKind::Embed, prefix + "embeddings.word_embeddings"},
        {SiteKind::EmbedPosition, prefix + "embeddings.position_embeddings"},
        {SiteKind::EmbedType, prefix + "embeddings.token_type_embeddings"},
        {SiteKind::EmbedNorm, prefix + "embeddings.LayerNorm"},
        {SiteKind::AttnQ, layer + "attention.self.query"},
        {SiteKind::AttnK, layer + "attention.self.key"},
        {SiteKind::AttnV, layer + "attention.self.value"},
        {SiteKind::AttnO, layer + "attention.output.dense"},
        {SiteKind::AttnOut, layer + "attention"},
        {SiteKind::Norm1, layer + "attention.output.LayerNorm"},
        {SiteKind::MlpUp, layer + "intermediate.dense"},
        {SiteKind::MlpDown, layer + "output.dense"},
        {SiteKind::Norm2, layer + "output.LayerNorm"},
        {SiteKind::BlockOut, prefix + "encoder.layer.{}"}};
}

std::string oldNormName(const std::string& name)
{
    if (name.ends_with("LayerNorm.weight"))
        return name.substr(0, name.size() - std::string("weight").size()) + "gamma";
    if (name.ends_with("LayerNorm.bias"))
        return name.substr(0, name.size() - std::string("bias").size()) + "beta";
    return name;
}

DenseLayer labelsLayer(const ModelConfig& config, const std::string& module, WeightSource& weights)
{
    return {weights, module, config.hiddenSize, static_cast<std::int64_t>(config.labels.size())};
}

DenseLayer squareLayer(const ModelConfig& config,
                       const std::string& module,
                       Activation activation,
                       WeightSource& weights)
{
    return {weights, module, config.hiddenSize, config.hiddenSize, activation};
}

std::unique_ptr<TextHead>
robertaHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base:
        return baseHead(weights.has("pooler.dense.weight")
                            ? squareLayer(config, "pooler.dense", activationFrom("tanh"), weights)
                            : DenseLayer());
    case ModelTask::MaskedLm: {
        DenseLayer dense = squareLayer(config, "lm_head.dense", activationFrom("gelu"), weights);
        dense.withNorm(config, weights, "lm_head.layer_norm");
        return maskedHead(std::move(dense),
                          vocabularyOf(config, parts.tokens, "lm_head.decoder",
                                       {"lm_head.bias", "lm_head.decoder.bias"}, weights));
    }
    case ModelTask::SequenceClassification: {
        DenseLayer dense = squareLayer(config, "classifier.dense", activationFrom("tanh"), weights);
        return firstTokenHead(std::move(dense),
                              labelsLayer(config, "classifier.out_proj", weights));
    }
    default:
        return commonHead(config, weights);
    }
}

} // namespace tw
