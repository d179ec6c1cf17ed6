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

LossSum tokenScores(const Model& model, const Batch& batch, const PackedInput& input)
{
    const auto [losses, hits] = tokenHits(model.hidden(input), model.head(), at::tensor(batch.targets, at::kLong));
    LossSum loss {losses.sum(), batch.trainedCount()};
    const at::Tensor hit = rowSums(hits.to(at::kDouble), batch);
    const at::Tensor asked =
        rowSums(at::tensor(batch.targets, at::kLong).ne(-100).to(at::kDouble), batch);
    const at::Tensor isAsked = asked.gt(0);
    const auto total = [](const at::Tensor& values) { return values.sum().item<double>(); };
    loss.ratios["accuracy"] = {total(hit), total(asked)};
    loss.ratios["exactMatch"] = {total(hit.eq(asked).logical_and(isAsked).to(at::kDouble)),
                                 total(isAsked.to(at::kDouble))};
    return loss;
}

} // namespace tw
