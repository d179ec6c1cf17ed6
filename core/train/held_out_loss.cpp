// SPDX-License-Identifier: Apache-2.0
#include "core/train/training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

HeldOutLoss heldOutLoss(const Model& model,
                        const Objective& objective,
                        const ParamValues& objectiveSettings,
                        const BatchSource& batches,
                        JobControl& control,
                        const Tokenizer* tokenizer)
{
    const at::NoGradGuard noGrad;
    HeldOutLoss total;
    const std::int64_t count = batches.batchesPerEpoch();
    for (std::int64_t i = 0; i < count; ++i) {
        control.throwIfCancelled();
        control.report("evaluating", i, count);
        Batch batch = batches.batch(i);
        if (objective.corrupt) { // the same masks at every evaluation
            RandomStream random(0, "evaluation/" + std::to_string(i));
            objective.corrupt(batch, model, objectiveSettings, {0, 1, false, tokenizer}, random);
        }
        const LossSum part = objective.loss(model, batch, objectiveSettings);
        for (const auto& [name, value] : part.measures)
            total.measures[name] += value;
        for (const auto& [name, ratio] : part.ratios)
            total.ratios[name] += ratio;
        total.sum += part.sum.item<double>();
        total.trainedTokens += part.count;
    }
    control.report("evaluating", count, count);
    return total;
}

} // namespace tw
