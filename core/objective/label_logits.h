// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/translate.h"
#include "core/objective/objective.h"

namespace tw {

// What objectives share whose models have a head that tells labels apart.

constexpr const char* kNewHead = "newHead";

/// The setting that gives a model a head for the labels of the data, whatever head it has.
template <typename Options>
void addNewHead(ParamTable<Options>& table, bool Options::*field)
{
    table.add(field, kNewHead, QT_TRANSLATE_NOOP("label_logits", "Begin with a new head"))
        .help(QT_TRANSLATE_NOOP(
            "label_logits",
            "The model's own head is put aside and one for the labels of these data is trained "
            "from random values. Off: a head that has these labels goes on from where it is."))
        .source("off, as in Transformers where the labels are the same");
}

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
