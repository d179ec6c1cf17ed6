// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tw {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// delta = scale * B A; what a linear layer can fold into one pass over memory.
struct LowRank
{
    at::Tensor A; ///< [rank, in]
    at::Tensor B; ///< [out, rank]
    double scale = 1.0;
    double dropout = 0.0; ///< on x before A; only while training
};

/// A change of a weight matrix W [out, in]: y = x W^T + delta(x). Attached to a Linear, owned by
/// its adapter.
class WeightDelta
{
public:
    virtual ~WeightDelta() = default;

    /// delta(x): [*, in] -> [*, out], differentiable in x and in trainable().
    virtual at::Tensor apply(const at::Tensor& x) const = 0;
    /// The same delta as a matrix [out, in], for merging and for X-rays. Detached.
    virtual at::Tensor matrix() const = 0;
    /// Own tensors by their name behind the module's ("lora_A.weight"); all require gradients.
    virtual NamedTensors trainable() const = 0;
    /// The factors where the delta is of low rank; the layer then uses its fused path instead of
    /// apply().
    virtual std::optional<LowRank> lowRank() const { return std::nullopt; }
};

} // namespace tw
