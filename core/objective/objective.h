// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/registry.h"
#include "core/data/batch.h"
#include "core/model/model.h"

#include <functional>

namespace tw {

/// Loss of a batch as a sum over its trained tokens, so that accumulation divides by the tokens of
/// the whole step.
struct LossSum
{
    at::Tensor sum; ///< scalar, differentiable
    std::int64_t count = 0; ///< trained tokens
};

/// What training aims at, as a plug-in. Knows no adaptation.
struct Objective
{
    std::string id;
    std::string title;
    std::string summary;
    std::vector<ParamSpec> params;
    std::function<LossSum(const Model&, const Batch&, const ParamValues&)> loss;
};

PackedInput packedInput(const Batch& batch);

/// Sum (a float64 scalar) of the cross-entropies, in nats, of hidden [n, d] against targets [n]
/// (-100: skip) through the frozen head. In chunks of rows: only trained positions are ever
/// multiplied with the head, and the gradient with respect to hidden is made in the same pass, so
/// logits of the whole batch never exist. Throws Error for a target outside the vocabulary.
at::Tensor
chunkedCrossEntropy(const at::Tensor& hidden, const LmHead& head, const at::Tensor& targets);

} // namespace tw
