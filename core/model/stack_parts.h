// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/stack.h"

namespace tw {

struct Stack::Tables
{
    RotaryTable all;
    RotaryTable local; ///< of layers with a window, where these have their own
    ScoreBias bias; ///< of all layers, or empty
};

struct Stack::Heads
{
    at::Tensor q; ///< [T, heads * headSize]
    at::Tensor k; ///< [T, kvHeads * headSize]
    at::Tensor v;
};

/// The layers behind a norm, which is undefined where there is none.
std::vector<at::Tensor>
normed(const Norm& norm, const at::Tensor& x, const std::vector<const Linear*>& layers);

} // namespace tw
