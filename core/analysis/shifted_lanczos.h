// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace tw {

/// G = diag(D) + X P^T + P X^T + P K P^T, a symmetric matrix that a low-rank change made of a
/// diagonal one.
struct LowRankUpdate
{
    at::Tensor D; ///< [N], descending, float64
    at::Tensor P; ///< [N, r]
    at::Tensor X; ///< [N, r]
    at::Tensor K; ///< [r, r], symmetric

    std::int64_t size() const { return D.size(0); }
    at::Tensor apply(const at::Tensor& y) const; ///< [N, b] -> [N, b] in O(N r b)
    at::Tensor matrix() const; ///< [N, N]
};

struct Eigenpairs
{
    at::Tensor values; ///< [count], descending
    at::Tensor vectors; ///< [N, count]
};

/// The `wanted` largest eigenvalues of G with their vectors, or nothing where it does not converge.
///
/// Lanczos on (G - sigma)^-1 with full reorthogonalisation, sigma just below the eigenvalues that
/// are wanted; the inverse is applied in O(N r) by Woodbury's identity. Two things are made sure of
/// before anything is returned: none is missing (Sylvester's law: the signs of a 2r x 2r matrix say
/// how many eigenvalues lie above sigma), and each of the first `exact` vectors is within 1e-7 of
/// the true one (sin of the angle <= residual / gap, Davis and Kahan). Small problems are solved
/// densely.
std::optional<Eigenpairs>
largestEigenpairs(const LowRankUpdate& G, std::int64_t wanted, std::int64_t exact);

} // namespace tw
