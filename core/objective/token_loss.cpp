// SPDX-License-Identifier: Apache-2.0
#include "core/objective/token_loss.h"

#include <ATen/ATen.h>

namespace tw {

at::Tensor tokenLosses(const Model& model,
                       const Batch& batch,
                       const PackedInput& input,
                       CrossEntropyOptions options)
{
    if (!batch.weights.empty())
        options.weights = at::tensor(batch.weights);
    return tokenCrossEntropies(model.hidden(input), model.head(),
                               at::tensor(batch.targets, at::kLong), options);
}

LossSum tokenLoss(const Model& model,
                  const Batch& batch,
                  const PackedInput& input,
                  CrossEntropyOptions options)
{
    return {tokenLosses(model, batch, input, std::move(options)).sum(), batch.trainedCount()};
}

} // namespace tw
