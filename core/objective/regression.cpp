// SPDX-License-Identifier: Apache-2.0
// Regression: the mean over rows and outputs of (z - y)^2, as Transformers' classes for sequence
// classification compute it where problem_type is regression.

#include "core/base/translate.h"
#include "core/objective/label_logits.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

LossSum regressionLoss(const Model& model, const Batch& batch, const ParamValues&)
{
    const at::Tensor said = labelLogits(model, batch);
    const at::Tensor off = said - rowNumbersOf(batch, said.size(1));
    return {off.square().mean(1).to(at::kDouble).sum(),
            batch.rowCount(),
            {{"absoluteError", off.detach().abs().mean(1).to(at::kDouble).sum().item<double>()}}};
}

Predictions predict(const Model& model, const Batch& batch, const ParamValues&)
{
    const at::Tensor said = labelLogits(model, batch);
    return {Predictions::Kind::Numbers, rowsOf(said), rowsOf(rowNumbersOf(batch, said.size(1)))};
}

} // namespace

void registerRegression(Registry<Objective>& registry)
{
    Objective objective;
    objective.id = "regression";
    objective.title = QT_TRANSLATE_NOOP("regression", "Numbers for texts");
    objective.summary = QT_TRANSLATE_NOOP(
        "regression", "Learns a number for each text, such as a grade or how alike two texts are.");
    objective.loss = regressionLoss;
    objective.predict = predict;
    objective.rows = RowUse::Labels;
    objective.learnsNumbers = true;

    objective.tasks = {ModelTask::SequenceClassification};
    objective.paper = "Devlin et al. 2018, BERT: Pre-training of Deep Bidirectional Transformers";
    registry.add(std::move(objective));
}

} // namespace tw
