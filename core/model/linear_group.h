// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace tw {

/// Where the input of a group of linear layers comes from. Cheap to make, so it is made again in
/// the backward pass and only `first` and `second` are kept.
struct GroupInput
{
    enum class Kind
    {
        Plain,
        Normed,
        Gated
    };

    Kind kind = Kind::Plain;
    at::Tensor first; ///< Plain: the input. Normed: what is normed. Gated: the gate. All [T, in].
    at::Tensor second; ///< Normed: the norm's weight [in]. Gated: up [T, in].
    double epsilon = 0.0; ///< Normed only
};

/// Whether all deltas of the layer can be folded into its product: none, or one of low rank.
bool canFold(const Linear& layer);

/// y_i = input W_i^T + b_i + scale_i drop(input) A_i^T B_i^T (+ residual, with a single layer), as
/// one differentiable function: the deltas are added into the products in place, and the backward
/// pass sums the gradients of the input the same way. Computes no gradient that nobody asked for.
/// Every layer has to pass canFold(). Returns [T, out_i].
std::vector<at::Tensor> linearGroup(const GroupInput& input,
                                    const std::vector<const Linear*>& layers,
                                    const at::Tensor& residual = {});

} // namespace tw
