// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

namespace tw {

// loops.h over all rows of contiguous float32 matrices [T, d], on all threads. Not differentiable.

/// rmsNorm(x) and, per row, the factor that backward needs: [T, d], [T].
std::pair<at::Tensor, at::Tensor>
normaliseRows(const at::Tensor& x, const at::Tensor& weight, double epsilon);
/// Turns gradient, of the norm's output, into that of x, in place.
void normaliseRowsBackward(const at::Tensor& x,
                           const at::Tensor& weight,
                           const at::Tensor& factors,
                           const at::Tensor& gradient);
/// silu(gate) * up.
at::Tensor gateRows(const at::Tensor& gate, const at::Tensor& up);
/// Gradients of gate and up.
std::pair<at::Tensor, at::Tensor>
gateRowsBackward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& gradient);
/// x with a share `drop` of its numbers set to 0 and the rest divided by 1 - drop. The same seed
/// drops the same places.
at::Tensor dropRows(const at::Tensor& x, double drop, std::uint64_t seed);

} // namespace tw
