// SPDX-License-Identifier: Apache-2.0
// BERT (Devlin et al. 2018).

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = bertConfig(keys, 1e-12);
    to.family = "bert";
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return bertNames("bert.");
}

DenseLayer pooler(const ModelConfig& config, const std::string& prefix, WeightSource& weights)
{
    return squareLayer(config, prefix + "pooler.dense", activationFrom("tanh"), weights);
}

DenseLayer transform(const ModelConfig& config, WeightSource& weights)
{
    DenseLayer dense = squareLayer(config, "cls.predictions.transform.dense",
                                   activationFrom(config.activation), weights);
    return dense.withNorm(config, weights, "cls.predictions.transform.LayerNorm");
}

Vocabulary vocabulary(const ModelConfig& config, const at::Tensor& tokens, WeightSource& weights)
{
    return vocabularyOf(config, tokens, "cls.predictions.decoder",
                        {"cls.predictions.bias", "cls.predictions.decoder.bias"}, weights);
}

std::unique_ptr<TextHead>
makeHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base: // sentence encoders are saved without the pooler
        return baseHead(weights.has("pooler.dense.weight") ? pooler(config, "", weights)
                                                           : DenseLayer());
    case ModelTask::MaskedLm: {
        DenseLayer dense = transform(config, weights);
        return maskedHead(std::move(dense), vocabulary(config, parts.tokens, weights));
    }
    case ModelTask::PreTraining: {
        DenseLayer pooled = pooler(config, "bert.", weights);
        DenseLayer dense = transform(config, weights);
        Vocabulary words = vocabulary(config, parts.tokens, weights);
        return preTrainingHead(std::move(pooled), std::move(dense), std::move(words),
                               {weights, "cls.seq_relationship", config.hiddenSize, 2});
    }
    case ModelTask::SequenceClassification: {
        DenseLayer pooled = pooler(config, "bert.", weights);
        return firstTokenHead(std::move(pooled), labelsLayer(config, "classifier", weights));
    }
    case ModelTask::TokenClassification:
        return eachTokenHead(labelsLayer(config, "classifier", weights));
    case ModelTask::QuestionAnswering:
        return questionHead({weights, "qa_outputs", config.hiddenSize, 2});
    default:
        break;
    }
    if (config.architecture != "BertForNextSentencePrediction")
        refuseTask(config);
    DenseLayer pooled = pooler(config, "bert.", weights);
    return firstTokenHead(std::move(pooled),
                          {weights, "cls.seq_relationship", config.hiddenSize, 2});
}

} // namespace

void registerBert(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "bert";
    family.title = QT_TRANSLATE_NOOP("family", "BERT");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("BertFor") || architecture == "BertModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "bert.";
    family.otherName = oldNormName;
    family.makeHead = makeHead;
    registry.add(std::move(family));
}

} // namespace tw
