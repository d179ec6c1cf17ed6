// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

// What objectives share whose models have a head that tells labels apart.

/// What the head says: [rows, labels], or [rows, longest row, labels] of each token.
at::Tensor labelLogits(const Model& model, const Batch& batch);

/// Values [rows, longest row, ...] of a batch's tokens, without the padding: [tokens, ...].
at::Tensor perToken(const at::Tensor& padded, const Batch& batch);

/// The class of each row, [rows]. Throws Error where a row has none, or one beyond `count`.
at::Tensor rowClasses(const Batch& batch, std::int64_t count);

/// The numbers of each row, [rows, count]. Throws Error where a row has another number of them.
at::Tensor rowNumbersOf(const Batch& batch, std::int64_t count);

/// Sum of -((1 - smoothing) log p(class) + smoothing mean(log p)) over rows of logits [n, labels],
/// a float64 scalar. Differentiable.
at::Tensor
classEntropySum(const at::Tensor& logits, const at::Tensor& classes, double smoothing = 0.0);

/// How many rows of logits [n, labels] are largest at their class.
double rightOnes(const at::Tensor& logits, const at::Tensor& classes);

} // namespace tw
