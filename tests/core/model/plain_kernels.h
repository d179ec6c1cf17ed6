// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kernels.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

// The parts of a block as plain tensor operations with LibTorch's own gradients: what core/model's
// fast functions have to equal.
namespace tw::plain {

inline at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon)
{
    return x * at::rsqrt(x.square().mean(-1, true) + epsilon) * weight;
}

/// x W^T + b + scale x A^T B^T.
inline at::Tensor linear(const Linear& layer, const at::Tensor& x)
{
    at::Tensor y = x.matmul(layer.weight.t());
    if (layer.bias.defined())
        y = y + layer.bias;
    for (const auto& delta : layer.deltas)
        y = delta->forward(x, {layer.weight, layer.bias}, [y](const at::Tensor&) { return y; });
    return y;
}

inline at::Tensor gated(const at::Tensor& gate, const at::Tensor& up)
{
    return at::silu(gate) * up;
}

/// True where query i may see key j.
inline at::Tensor
visible(std::int64_t count, const AttentionShape& shape, std::int64_t prefix, const at::Tensor& unseen)
{
    const at::Tensor query = at::arange(count).unsqueeze(1);
    const at::Tensor key = at::arange(count).unsqueeze(0);
    at::Tensor all = at::ones({count, count}, at::kBool);
    if (shape.isCausal)
        all = (key <= query).logical_or(key < prefix);
    if (shape.isCausal && shape.window)
        all = all.logical_and(key > query - *shape.window);
    if (unseen.defined())
        all = all.logical_and(unseen.eq(0));
    return all.logical_or(all.any(1, true).logical_not().logical_and(key == query));
}

/// One row: q [n, heads, size], k, v [n, kvHeads, size], all rotated, and which key each query sees
/// -> [n, heads * size].
inline at::Tensor oneRow(const at::Tensor& q,
                         const at::Tensor& k,
                         const at::Tensor& v,
                         const AttentionShape& shape,
                         const at::Tensor& isSeen)
{
    const std::int64_t group = shape.heads / shape.kvHeads;
    const at::Tensor keys = k.repeat_interleave(group, 1).permute({1, 2, 0});
    const at::Tensor values = v.repeat_interleave(group, 1).permute({1, 0, 2});
    const double scale =
        shape.scale != 0.0 ? shape.scale : 1.0 / std::sqrt(static_cast<double>(shape.headSize));
    const at::Tensor scores = q.permute({1, 0, 2}).matmul(keys) * scale;
    const at::Tensor masked =
        scores.masked_fill(isSeen.logical_not(), -std::numeric_limits<double>::infinity());
    return at::softmax(masked, -1).matmul(values).permute({1, 0, 2}).reshape({q.size(0), -1});
}

inline at::Tensor attention(const at::Tensor& q,
                            const at::Tensor& k,
                            const at::Tensor& v,
                            const RotaryTable& rotary,
                            const std::vector<std::int64_t>& starts,
                            const AttentionShape& shape,
                            const Sight& sight = {})
{
    const at::Tensor queries = rotated(q.view({-1, shape.heads, shape.headSize}), rotary);
    const at::Tensor keys = rotated(k.view({-1, shape.kvHeads, shape.headSize}), rotary);
    const at::Tensor values = v.view({-1, shape.kvHeads, shape.headSize});
    std::vector<at::Tensor> rows;
    for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
        const std::int64_t first = starts[row];
        const std::int64_t count = starts[row + 1] - first;
        if (count == 0)
            continue;
        const at::Tensor isSeen = visible(
            count, shape, sight.prefixes.empty() ? 0 : sight.prefixes[row],
            sight.unseen.defined() ? sight.unseen.narrow(0, first, count) : at::Tensor());
        rows.push_back(oneRow(queries.narrow(0, first, count), keys.narrow(0, first, count),
                              values.narrow(0, first, count), shape, isSeen));
    }
    return at::cat(rows, 0);
}

} // namespace tw::plain
