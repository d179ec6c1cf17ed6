// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

/// w_i times -log p(target_i | tokens up to i) of each position i, 0 where it is not trained:
/// float64 [tokens]. input and weights as below. Differentiable.
at::Tensor tokenLosses(const Model& model,
                       const Batch& batch,
                       const PackedInput& input,
                       CrossEntropyOptions options = {});

/// The sum over trained positions i of w_i times -log p(target_i | tokens up to i), counted in
/// trained tokens. input: the batch as the model reads it. The weights are the batch's.
LossSum tokenLoss(const Model& model,
                  const Batch& batch,
                  const PackedInput& input,
                  CrossEntropyOptions options = {});

/// The same without weights and gradients, and besides it "accuracy", the share of targets that are
/// the most likely token, and "exactMatch", that of rows where all are.
LossSum tokenScores(const Model& model, const Batch& batch, const PackedInput& input);

} // namespace tw
