// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"
#include "core/model/rotary.h"

#include <ATen/core/Tensor.h>

#include <cmath>
#include <functional>
#include <optional>
#include <vector>

namespace tw {

// The parts of a transformer block as differentiable functions. T: tokens of all rows of the packed
// batch, d: hidden.

/// x / sqrt(mean(x^2) + epsilon) * weight over the last dimension (Zhang and Sennrich 2019). x: [T,
/// d].
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

/// layer(x) for each layer. x: [T, d].
std::vector<at::Tensor> linears(const at::Tensor& x, const std::vector<const Linear*>& layers);

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
    double scale = 0.0; ///< of q k^T; 0: 1 / sqrt(headSize)
    bool isCausal = true; ///< else each token sees its whole row; a window is for causal ones

    double factor() const
    {
        return scale != 0.0 ? scale : 1.0 / std::sqrt(static_cast<double>(headSize));
    }
};

/// Attention within each row. q: [T, heads * headSize]; k, v: [T, kvHeads * headSize], not yet
/// rotated; rotary: for the first dimensions of each head, or undefined where none is turned;
/// starts: rows + 1 offsets; sight: of these rows and tokens. Returns [T, heads * headSize].
at::Tensor attention(const at::Tensor& q,
                     const at::Tensor& k,
                     const at::Tensor& v,
                     const RotaryTable& rotary,
                     const std::vector<std::int64_t>& starts,
                     const AttentionShape& shape,
                     const Sight& sight = {});

/// What is added to the scores of a row, made from its queries and keys. q: [n, heads, headSize],
/// k: [m, kvHeads, headSize], the n queries being the last of the m tokens where both are of one
/// text. Returns [heads, n, m] or what broadcasts to it.
using ScoreBias = std::function<at::Tensor(const at::Tensor& q, const at::Tensor& k)>;

/// What the fast path does not know.
struct ScoreOptions
{
    ScoreBias bias; ///< may be empty
    double cap = 0.0; ///< scores become cap * tanh(score / cap), before the bias; 0: they do not
    std::int64_t prefix = 0; ///< as in Sight, of this row
    at::Tensor unseen = {}; ///< likewise, [m]
};

/// Attention of one row, q and k being rotated already; differentiable. The n queries are the last
/// of the m tokens if the shape is causal. q: [n, heads, headSize]; k, v: [m, kvHeads, headSize].
/// Returns [n, heads * headSize].
at::Tensor rowAttention(const at::Tensor& q,
                        const at::Tensor& k,
                        const at::Tensor& v,
                        const AttentionShape& shape,
                        const ScoreOptions& options = {});

/// What one new token may look at.
struct SeenKeys
{
    at::Tensor keys; ///< [m, kvHeads, headSize], rotated; the token's own is the last
    at::Tensor values;
};

/// Attention of one token of each of several texts. q: [texts, heads, headSize], rotated. Returns
/// [texts, heads * headSize]. Not differentiable.
at::Tensor
nextAttention(const at::Tensor& q, const std::vector<SeenKeys>& texts, const AttentionShape& shape);

} // namespace tw
