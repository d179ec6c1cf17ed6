// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace tw {

/// The directions in which rows vary most, of rows that come in pieces and are not kept
/// (incremental principal component analysis: Ross et al. 2008, section 3). With a single piece
/// they are exact; what lies beyond the first `most` directions of a piece is forgotten.
class PrincipalComponents
{
public:
    explicit PrincipalComponents(std::int64_t most);

    void add(const at::Tensor& rows); ///< [n, width]
    /// Unit vectors in rows, the longest first, each with its largest number positive: float32
    /// [at most `most`, width]. Directions in which nothing varies are left out.
    at::Tensor directions() const;
    /// Share of the whole variance along each of them.
    std::vector<double> shares() const;
    std::int64_t rows() const { return m_rows; }

private:
    std::int64_t m_most;
    std::int64_t m_rows = 0;
    at::Tensor m_mean; ///< float64 [width]
    at::Tensor m_scaled; ///< directions times their singular values, float64
    double m_squares = 0.0; ///< distances of all rows from the mean, squared and summed
};

} // namespace tw
