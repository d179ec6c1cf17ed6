// SPDX-License-Identifier: Apache-2.0
// ELECTRA (Clark et al. 2020): a small generator fills in masked tokens, a discriminator finds
// them.

#include "core/base/translate.h"
#include "core/model/bert_like.h"
#include "core/model/registry.h"

namespace tw {
namespace {

ModelConfig configFromJson(const std::string& configJson)
{
    const JsonKeys keys(parseJson(configJson, "config.json"));
    ModelConfig to = bertConfig(keys, 1e-12);
    to.family = "electra";
    to.embeddingSize = keys.integer("embedding_size", 128);
    to.projectsSum = true;
    return to;
}

ModuleNames names(const ModelConfig&)
{
    return bertNames("electra.").with({{SiteKind::EmbedProject, "electra.embeddings_project"}});
}

std::unique_ptr<TextHead>
maskedLm(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    const std::int64_t width = config.embeddingWidth();
    DenseLayer dense(weights, "generator_predictions.dense", config.hiddenSize, width,
                     activationFrom("gelu"));
    dense.withNorm(config, weights, "generator_predictions.LayerNorm");
    return maskedHead(std::move(dense),
                      vocabularyOf(config, parts.tokens, "generator_lm_head",
                                   {"generator_lm_head.bias"}, weights));
}

std::unique_ptr<TextHead>
makeHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights)
{
    switch (config.task) {
    case ModelTask::Base:
        return baseHead({});
    case ModelTask::MaskedLm:
        return maskedLm(config, parts, weights);
    case ModelTask::PreTraining: {
        DenseLayer dense = squareLayer(config, "discriminator_predictions.dense",
                                       activationFrom(config.activation), weights);
        return replacedHead(
            std::move(dense),
            {weights, "discriminator_predictions.dense_prediction", config.hiddenSize, 1});
    }
    case ModelTask::SequenceClassification: {
        DenseLayer dense = squareLayer(config, "classifier.dense", activationFrom("gelu"), weights);
        return firstTokenHead(std::move(dense),
                              labelsLayer(config, "classifier.out_proj", weights));
    }
    default:
        return commonHead(config, weights);
    }
}

} // namespace

void registerElectra(Registry<ModelFamily>& registry)
{
    ModelFamily family;
    family.id = "electra";
    family.title = QT_TRANSLATE_NOOP("family", "ELECTRA");
    family.reads = [](const std::string& architecture) {
        return architecture.starts_with("ElectraFor") || architecture == "ElectraModel";
    };
    family.configFromJson = configFromJson;
    family.names = names;
    family.prefix = "electra.";
    family.otherName = oldNormName;
    family.makeHead = makeHead;
    registry.add(std::move(family));
}

} // namespace tw
