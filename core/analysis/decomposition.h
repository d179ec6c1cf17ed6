// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace tw {

/// What of a base matrix W [m, n] is kept between comparisons: its singular values and the singular
/// vectors of its shorter side. That is enough to get everything else, and never more than a square
/// matrix.
struct Decomposition
{
    at::Tensor
        vectors; ///< float64 [p, p], p = min(m, n): U where m <= n, else V; one vector a column
    at::Tensor values; ///< float64 [p], descending
    bool isLeft = true; ///< vectors is U
};

/// Decomposes W. Eigenvectors of the small Gram matrix where W is well conditioned (several times
/// quicker and as good there), a singular value decomposition otherwise. Float64.
Decomposition decompose(const at::Tensor& W);

/// Whether vectors and values belong to W, by two products with a random vector (Freivalds): an
/// entry that was damaged anywhere passes with probability 0.
bool belongsTo(const Decomposition& decomposition, const at::Tensor& W);

} // namespace tw
