// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

/// The sum over trained positions i of w_i times -log p(target_i | tokens up to i), counted in
/// trained tokens. input: the batch as the model reads it. The weights are the batch's.
LossSum tokenLoss(const Model& model,
                  const Batch& batch,
                  const PackedInput& input,
                  CrossEntropyOptions options = {});

} // namespace tw
