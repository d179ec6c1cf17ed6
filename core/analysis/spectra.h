// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace tw {

// What a matrix does, read from its singular values. All computations run in float64.

/// Frobenius norm: sqrt(sum s_i^2).
double frobeniusNorm(const std::vector<double>& values);
/// Effective rank (Roy and Vetterli 2007): exp of the entropy of s_i / sum(s). Zeros are skipped; 0
/// for no change.
double effectiveRank(const std::vector<double>& values);
/// Stable rank: |W|_F^2 / |W|_2^2; 0 for no change.
double stableRank(const std::vector<double>& values);

/// All singular values of a matrix [m, n], largest first.
std::vector<double> singularValues(const at::Tensor& matrix);
/// The singular values of scale * B A, largest first, without forming the product: with B = Qb Rb
/// and A^T = Qa Ra they are those of the small matrix Rb Ra^T. A is [rank, in], B is [out, rank];
/// as many values as min(rank, in, out).
std::vector<double> lowRankValues(const at::Tensor& A, const at::Tensor& B, double scale);

/// The numbers of a vector tensor as float64.
std::vector<double> toNumbers(const at::Tensor& tensor);

} // namespace tw
