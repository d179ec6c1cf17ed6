// SPDX-License-Identifier: Apache-2.0
#include "core/objective/preference.h"

#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

/// w_i of each position with a target, 0 elsewhere: float64 [tokens].
at::Tensor targetWeights(const Batch& batch)
{
    const at::Tensor isTarget = at::tensor(batch.targets, at::kLong).ne(-100).to(at::kDouble);
    return batch.weights.empty() ? isTarget : isTarget * at::tensor(batch.weights).to(at::kDouble);
}

} // namespace

at::Tensor AnswerChances::means() const
{
    return sums / counts.clamp_min(1.0); // an answer without a token has the sum 0
}

AnswerChances answerChances(const Model& model, const Batch& batch)
{
    const at::Tensor weights = targetWeights(batch);
    const at::Tensor losses =
        tokenCrossEntropies(model.hidden(packedInput(batch)), model.head(),
                            at::tensor(batch.targets, at::kLong), {weights.to(at::kFloat)});
    return {-rowSums(losses, batch), rowSums(weights, batch)};
}

std::vector<double>
referenceChances(const Model& model, const Batch& batch, const ParamValues& /*settings*/)
{
    const at::NoGradGuard noGradients;
    const at::Tensor sums = answerChances(model, batch).sums.contiguous();
    const auto* values = sums.const_data_ptr<double>();
    return {values, values + sums.numel()};
}

at::Tensor referencesOf(const Batch& batch)
{
    if (static_cast<std::int64_t>(batch.references.size()) != batch.rowCount())
        throw Error("The batch does not say what the model thought of its answers before training.",
                    "Start the run anew: it is measured when a run begins.");
    return at::tensor(batch.references, at::kDouble);
}

at::Tensor Pairs::margins() const
{
    return chosen - rejected;
}

Pairs pairsOf(const at::Tensor& values)
{
    if (values.size(0) % 2 != 0)
        throw Error("A row of the batch has no partner to be compared with.",
                    "Give every row a chosen and a rejected answer.");
    const at::Tensor pairs = values.view({-1, 2});
    return {pairs.select(1, 0), pairs.select(1, 1)};
}

at::Tensor smoothedPairLoss(const at::Tensor& z, double smoothing)
{
    return -(1.0 - smoothing) * at::log_sigmoid(z) - smoothing * at::log_sigmoid(-z);
}

LossSum pairLoss(const at::Tensor& losses, const Pairs& rewards)
{
    const auto total = [](const at::Tensor& values) {
        return values.detach().to(at::kDouble).sum().item<double>();
    };
    return {losses.sum(),
            losses.size(0),
            {{"rewards.chosen", total(rewards.chosen)},
             {"rewards.rejected", total(rewards.rejected)},
             {"rewards.margin", total(rewards.margins())},
             {"rewards.accuracy", total(rewards.margins() > 0)}}};
}

LossSum pairLoss(const at::Tensor& losses, const Pairs& rewards, const Pairs& chances)
{
    LossSum loss = pairLoss(losses, rewards);
    loss.measures["logps.chosen"] = chances.chosen.detach().sum().item<double>();
    loss.measures["logps.rejected"] = chances.rejected.detach().sum().item<double>();
    return loss;
}

} // namespace tw
