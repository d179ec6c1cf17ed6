// SPDX-License-Identifier: Apache-2.0
// Classification of tokens (names, parts of speech): the mean over labelled tokens of
// -log softmax(z)[class], as Transformers' classes for token classification compute it. Tokens
// without a label (-100: pieces of a word behind its first, special tokens) count for nothing.

#include "core/base/error.h"
#include "core/base/translate.h"
#include "core/objective/label_logits.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct TokenOptions
{
    double labelSmoothing = 0.0;
    bool newHead = false;
};

ParamTable<TokenOptions> params()
{
    ParamTable<TokenOptions> table;
    table
        .add(&TokenOptions::labelSmoothing, "labelSmoothing",
             QT_TRANSLATE_NOOP("token_classification", "Label smoothing"))
        .help(QT_TRANSLATE_NOOP("token_classification",
                                "Share of the target that is spread over all labels, so that the "
                                "model stays less sure of itself."))
        .range(0, 0.5)
        .source("default of the Transformers Trainer")
        .advanced();
    addNewHead(table, &TokenOptions::newHead);
    return table;
}

/// Logits [n, labels] of the tokens that have a label, and these labels [n].
struct Labelled
{
    at::Tensor logits;
    at::Tensor classes;
};

Labelled labelledOf(const Model& model, const Batch& batch)
{
    const at::Tensor all = at::tensor(batch.targets, at::kLong);
    const at::Tensor places = all.ne(-100).nonzero().squeeze(1);
    const at::Tensor logits = perToken(labelLogits(model, batch), batch).index_select(0, places);
    const at::Tensor classes = all.index_select(0, places);
    if (classes.numel() > 0
        && (classes.min().item<std::int64_t>() < 0
            || classes.max().item<std::int64_t>() >= logits.size(1)))
        throw Error("A token's label is no class of the model's head, which has "
                        + std::to_string(logits.size(1)) + ".",
                    "Open the model for the labels of these data.");
    return {logits, classes};
}

LossSum tokenLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const auto [logits, classes] = labelledOf(model, batch);
    return {classEntropySum(logits, classes, params().read(settings).labelSmoothing),
            classes.size(0),
            {{"accuracy", rightOnes(logits, classes)}}};
}

Predictions predict(const Model& model, const Batch& batch, const ParamValues&)
{
    const auto [logits, classes] = labelledOf(model, batch);
    const at::Tensor found = logits.argmax(1);
    Predictions said {Predictions::Kind::TokenClasses, {}, {}};
    std::int64_t first = 0;
    for (std::int64_t row = 0; row < batch.rowCount(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        std::int64_t count = 0;
        for (std::int64_t i = batch.rowStarts[at]; i < batch.rowStarts[at + 1]; ++i)
            count += batch.targets[static_cast<std::size_t>(i)] != -100;
        const auto part = [&](const at::Tensor& all) {
            return rowsOf(all.narrow(0, first, count).unsqueeze(0)).front();
        };
        said.said.push_back(part(found));
        said.truth.push_back(part(classes));
        first += count;
    }
    return said;
}

} // namespace

void registerTokenClassification(Registry<Objective>& registry)
{
    Objective objective;
    objective.id = "token_classification";
    objective.title = QT_TRANSLATE_NOOP("token_classification", "Labels of words");
    objective.summary = QT_TRANSLATE_NOOP("token_classification",
                                          "Learns a label for each word: names of people and "
                                          "places, parts of speech.");
    objective.params = params().specs();
    objective.loss = tokenLoss;
    objective.predict = predict;
    objective.rows = RowUse::TokenLabels;
    objective.tasks = {ModelTask::TokenClassification};
    objective.paper = "Devlin et al. 2018, BERT: Pre-training of Deep Bidirectional Transformers";
    registry.add(std::move(objective));
}

} // namespace tw
