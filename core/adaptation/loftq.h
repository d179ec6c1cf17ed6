// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/lora_delta.h"

#include <ATen/core/Tensor.h>

namespace tw {

/// The values that the weights have once they were stored in 4 bits: NF4 (Dettmers et al. 2023,
/// appendix E) with one scale for each 64 numbers, row after row. Blocks are those of a matrix
/// [out, in]; GPT-2's files hold it the other way round.
at::Tensor roundedToNf4(const at::Tensor& weight);
/// The same for 8 bits: whole numbers from -127 to 127 with one scale for each row.
at::Tensor roundedToInt8(const at::Tensor& weight);

/// LoftQ (Li et al. 2023, algorithm 1): B A is the best approximation of rank `rank` of what
/// rounding loses of the weight [out, in]; in further iterations, of what rounding the rest loses.
/// As in PEFT B A does not regard the scale.
LoraFactors loftqStart(const at::Tensor& weight,
                       std::int64_t rank,
                       at::Tensor (*rounded)(const at::Tensor&),
                       std::int64_t iterations);

} // namespace tw
