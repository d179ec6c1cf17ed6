// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/decomposition.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace tw {

// Intruder dimensions (Shuttleworth, Andreas, Torralba, Sharma 2024): leading left singular vectors
// of the tuned matrix W = W0 + dW that resemble none of the base's. With W0 = U0 S0 V0^T and W = U
// S V^T,
//     c_j = max over ALL i of |u0_i . u_j|,    u_j is an intruder where c_j < epsilon and j <= k.

/// How much of a comparison is wanted.
struct MatchOptions
{
    std::int64_t vectors = 20; ///< leading tuned vectors that are matched: k + 10
    std::int64_t values = 40; ///< leading singular values
    std::int64_t corner = 14; ///< size of the shown corner of the similarity matrix
};

/// Leading vectors of a tuned matrix matched with all of the base's.
struct VectorMatch
{
    std::vector<double> baseValues;
    std::vector<double> tunedValues;
    std::vector<double> best; ///< c_j
    std::vector<std::int64_t> bestIndex; ///< argmax_i, from 0
    std::vector<double> tied; ///< c_j with base vectors within 0.1 % of the best match's singular
                              ///< value taken together
    std::vector<double> corner; ///< |u0_i . u_j|, row by row, cornerSize x cornerSize
    std::int64_t cornerSize = 0;
    bool isPlain = false; ///< came from two full decompositions
};

/// The plain way: singular value decompositions of both in float64. W0 and W are [m, n].
VectorMatch matchPlain(const at::Tensor& W0, const at::Tensor& W, const MatchOptions& options);

/// W = W0 + B A from the cached decomposition of W0; A is [r, n], B is [m, r] with the scale in it.
///
/// Nothing of size m x n is decomposed. In the base's own coordinates the Gram matrix of the tuned
/// matrix is diagonal but for rank 2r. For m <= n, with P = U0^T B and X = S0 V0^T A^T = U0^T W0
/// A^T,
///     U0^T W W^T U0 = S0^2 + X P^T + P X^T + P (A A^T) P^T,
/// so its eigenvectors are the u_j in the base's coordinates: the similarity matrix itself. For m >
/// n the same holds of the transposed matrices, and U0^T u_j = (S0 y_j + S0^-1 X P^T y_j) / s_j
/// follows from the eigenvector y_j. Falls back to matchPlain where W0 is too badly conditioned for
/// that or the iteration does not reach its bound.
VectorMatch matchLowRank(const Decomposition& base,
                         const at::Tensor& W0,
                         const at::Tensor& A,
                         const at::Tensor& B,
                         const MatchOptions& options);

/// W from anywhere: the base's vectors from the cache, those of W from its own decomposition.
VectorMatch matchDense(const Decomposition& base,
                       const at::Tensor& W0,
                       const at::Tensor& W,
                       const MatchOptions& options);

/// W0 + dW with the share `lambda` of some of its singular directions left: W + (lambda - 1) sum_j
/// s_j u_j v_j^T over the places j (from 0) among W's singular vectors. lambda = 1 returns W
/// untouched; 0 removes them. Float64.
at::Tensor
withScaledDirections(const at::Tensor& W, const std::vector<std::int64_t>& places, double lambda);

} // namespace tw
