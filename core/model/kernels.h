// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"
#include "core/model/rotary.h"

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace tw {

// The parts of a transformer block as differentiable functions. T: tokens of all rows of the packed
// batch, d: hidden.

/// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension (Zhang and Sennrich 2019). x: [T,
/// d].
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// linear(rmsNorm(x)) for each layer: the norm is computed once. x: [T, d].
std::vector<at::Tensor> normedLinears(const at::Tensor& x,
                                      const at::Tensor& normWeight,
                                      double epsilon,
                                      const std::vector<const Linear*>& layers);

/// residual + layer(x).
at::Tensor linearAdd(const at::Tensor& residual, const Linear& layer, const at::Tensor& x);

/// residual + down(silu(gate) * up) (Shazeer 2020). gate, up: [T, intermediate].
at::Tensor gatedDown(const at::Tensor& residual,
                     const Linear& down,
                     const at::Tensor& gate,
                     const at::Tensor& up);

struct AttentionShape
{
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headSize = 0;
    std::optional<std::int64_t> window; ///< a token sees the last N positions, itself included
};

/// Causal attention within each row, with rotary positions. q: [T, heads * headSize]; k, v: [T,
/// kvHeads * headSize], not yet rotated; starts: rows + 1 offsets. Returns [T, heads * headSize].
at::Tensor attention(const at::Tensor& q,
                     const at::Tensor& k,
                     const at::Tensor& v,
                     const RotaryTable& rotary,
                     const std::vector<std::int64_t>& starts,
                     const AttentionShape& shape);

/// Attention of the last q.size(0) positions over keys that are rotated already. q: [n, heads,
/// headSize] rotated; k, v: [length, kvHeads, headSize]. Returns [n, heads * headSize]. No
/// gradient.
at::Tensor cachedAttention(const at::Tensor& q,
                           const at::Tensor& k,
                           const at::Tensor& v,
                           const AttentionShape& shape);

} // namespace tw
