// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

// What the objectives share that learn which of two answers is the better one. Rows 2i and 2i + 1
// of a batch are the chosen and the rejected answer of pair i; the targets are their tokens, the
// one that ends them included.

/// What a model thinks of the answers of a batch, row by row.
struct AnswerChances
{
    at::Tensor sums; ///< log pi(y|x), float64 [rows]: the sum over the answer's tokens, in nats
    at::Tensor counts; ///< tokens of each answer, float64 [rows], by their weights

    at::Tensor means() const; ///< per token
};
/// Differentiable.
AnswerChances answerChances(const Model& model, const Batch& batch);

/// Objective::reference: log pi_ref(y|x) of each row.
std::vector<double>
referenceChances(const Model& model, const Batch& batch, const ParamValues& settings);
/// The same as the batch brings it, float64 [rows]. Throws Error where it brings none.
at::Tensor referencesOf(const Batch& batch);

/// A number for each pair, twice.
struct Pairs
{
    at::Tensor chosen; ///< [pairs]
    at::Tensor rejected;

    at::Tensor margins() const;
};
/// Of values [rows]. Throws Error where a row has no partner.
Pairs pairsOf(const at::Tensor& values);

/// -(1 - s) log sigmoid(z) - s log sigmoid(-z): what a pair costs that is the wrong way round with
/// probability s.
at::Tensor smoothedPairLoss(const at::Tensor& z, double smoothing);

/// The sum of losses [pairs], counted in pairs, with what the curves show: rewards.chosen,
/// rewards.rejected, rewards.margin, and rewards.accuracy: the share of pairs whose chosen answer
/// has the larger reward.
LossSum pairLoss(const at::Tensor& losses, const Pairs& rewards);
/// The same with logps.chosen and logps.rejected.
LossSum pairLoss(const at::Tensor& losses, const Pairs& rewards, const Pairs& chances);

} // namespace tw
