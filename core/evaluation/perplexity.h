// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_control.h"
#include "core/model/model.h"

#include <cstdint>
#include <vector>

namespace tw {

/// Loss of a text under a model.
struct TokenLoss
{
    double nats = 0.0; ///< sum over `tokens`
    std::int64_t tokens = 0; ///< that were predicted

    double mean() const { return tokens > 0 ? nats / static_cast<double>(tokens) : 0.0; }
    double perplexity() const; ///< exp(mean)
};

/// -log p of targets [n] (int64) given hidden states [n, hidden], in nats: float32 [n]. In chunks
/// of rows; no gradient.
at::Tensor
negativeLogLikelihoods(const Model& model, const at::Tensor& hidden, const at::Tensor& targets);

/// Windows of `window` tokens, each `stride` after the one before; of each only the tokens are
/// counted that no window before has counted, so that all but the first have at least window -
/// stride tokens of context. With stride equal to window each window's first token is not predicted
/// (as Transformers' guide on perplexity does it). Throws Error for less than 2 tokens or 1 <=
/// stride <= window broken; Cancelled.
TokenLoss textLoss(const Model& model,
                   const std::vector<std::int64_t>& ids,
                   std::int64_t window,
                   std::int64_t stride,
                   JobControl& control);

} // namespace tw
