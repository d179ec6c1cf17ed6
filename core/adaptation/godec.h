// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace tw {

/// GoDec (Zhou and Tao 2011): W [out, in] parted into a matrix of a low rank and one that is 0 but
/// at `count` places. Gives these places, row after row, int64 [count], in ascending order.
at::Tensor
sparsePlaces(const at::Tensor& W, std::int64_t rank, std::int64_t count, RandomStream& random);

/// The places of the `count` largest magnitudes of a matrix, in the same form.
at::Tensor largestOf(const at::Tensor& matrix, std::int64_t count);

} // namespace tw
