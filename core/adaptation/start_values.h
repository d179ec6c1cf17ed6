// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace tw {

/// First values of PEFT's factors, [rows, columns]: uniform within 1 / sqrt(columns), which is
/// Kaiming's rule (He et al. 2015, equation 10) with the slope sqrt(5).
at::Tensor kaimingUniform(std::int64_t rows, std::int64_t columns, RandomStream& random);
/// Uniform within +-bound.
at::Tensor
uniformValues(const std::vector<std::int64_t>& shape, double bound, RandomStream& random);
/// Normal around 0.
at::Tensor
normalValues(const std::vector<std::int64_t>& shape, double deviation, RandomStream& random);

} // namespace tw
