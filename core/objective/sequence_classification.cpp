// SPDX-License-Identifier: Apache-2.0
// Classification of whole texts, pictures or sounds: the mean over rows of -log softmax(z)[class]
// for logits z [labels] of the row. Where several labels hold at once, each is decided by itself:
// the mean over rows and labels of -(y log s(z) + (1 - y) log(1 - s(z))), s the logistic function.
// Both as Transformers' classes for sequence classification compute them.

#include "core/base/translate.h"
#include "core/objective/label_logits.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

struct SequenceOptions
{
    bool severalLabels = false;
    double labelSmoothing = 0.0;
    bool newHead = false;
};

ParamTable<SequenceOptions> params()
{
    ParamTable<SequenceOptions> table;
    table
        .add(&SequenceOptions::severalLabels, "severalLabels",
             QT_TRANSLATE_NOOP("sequence_classification", "Several labels at once"))
        .help(
            QT_TRANSLATE_NOOP("sequence_classification",
                              "Each label is decided by itself. A row's label is then a list with "
                              "1 for each label that holds and 0 for the others."))
        .source("Transformers' problem_type multi_label_classification")
        .advanced();
    table
        .add(&SequenceOptions::labelSmoothing, "labelSmoothing",
             QT_TRANSLATE_NOOP("sequence_classification", "Label smoothing"))
        .help(
            QT_TRANSLATE_NOOP("sequence_classification",
                              "Share of the target that is spread over all labels, so that the "
                              "model stays less sure of itself. Not with several labels at once."))
        .range(0, 0.5)
        .source("default of the Transformers Trainer")
        .advanced();
    addNewHead(table, &SequenceOptions::newHead);
    return table;
}

LossSum severalLabelsLoss(const at::Tensor& logits, const Batch& batch)
{
    const at::Tensor wanted = rowNumbersOf(batch, logits.size(1));
    const at::Tensor losses =
        at::binary_cross_entropy_with_logits(logits, wanted, {}, {}, at::Reduction::None);
    const at::Tensor right = logits.gt(0).eq(wanted.gt(0.5)).to(at::kDouble).mean(1).sum();
    return {losses.mean(1).to(at::kDouble).sum(),
            batch.rowCount(),
            {{"accuracy", right.item<double>()}}};
}

LossSum sequenceLoss(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const SequenceOptions options = params().read(settings);
    const at::Tensor logits = labelLogits(model, batch);
    if (options.severalLabels)
        return severalLabelsLoss(logits, batch);
    const at::Tensor classes = rowClasses(batch, logits.size(1));
    return {classEntropySum(logits, classes, options.labelSmoothing),
            batch.rowCount(),
            {{"accuracy", rightOnes(logits, classes)}}};
}

Predictions predict(const Model& model, const Batch& batch, const ParamValues& settings)
{
    const at::Tensor logits = labelLogits(model, batch);
    if (params().read(settings).severalLabels) {
        const at::Tensor wanted = rowNumbersOf(batch, logits.size(1));
        return {Predictions::Kind::Flags, rowsOf(logits.gt(0)), rowsOf(wanted)};
    }
    const at::Tensor classes = rowClasses(batch, logits.size(1));
    return {Predictions::Kind::Classes, rowsOf(logits.argmax(1, true)),
            rowsOf(classes.unsqueeze(1))};
}

} // namespace

void registerSequenceClassification(Registry<Objective>& registry)
{
    Objective objective;
    objective.id = "sequence_classification";
    objective.title = QT_TRANSLATE_NOOP("sequence_classification", "Classification");
    objective.summary = QT_TRANSLATE_NOOP(
        "sequence_classification",
        "Learns which label a text, a picture or a sound has. A model without such a head gets a "
        "fresh one.");
    objective.params = params().specs();
    objective.loss = sequenceLoss;
    objective.predict = predict;
    objective.rows = RowUse::Labels;
    objective.tasks = {ModelTask::SequenceClassification, ModelTask::Classification};
    objective.paper = "Devlin et al. 2018, BERT: Pre-training of Deep Bidirectional Transformers";
    registry.add(std::move(objective));
}

} // namespace tw
