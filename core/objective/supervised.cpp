// SPDX-License-Identifier: Apache-2.0
// Supervised fine-tuning: the sum over trained positions i of -log p(target_i | tokens up to i).

#include "core/base/translate.h"
#include "core/objective/objective.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

LossSum supervisedLoss(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    const at::Tensor hidden = model.hidden(packedInput(batch));
    const at::Tensor targets = at::tensor(batch.targets, at::kLong).to(hidden.device());
    return {chunkedCrossEntropy(hidden, model.head(), targets), batch.trainedCount()};
}

} // namespace

void registerSupervised(Registry<Objective>& registry)
{
    registry.add(
        {"supervised",
         QT_TRANSLATE_NOOP("supervised", "Supervised"),
         QT_TRANSLATE_NOOP("supervised", "Learns to give the answers of the data, token by token."),
         {},
         supervisedLoss});
}

} // namespace tw
