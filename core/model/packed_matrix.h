// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/packed_kind.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace tw {

/// A matrix [rows, columns] in fewer bytes than float32 takes.
class PackedMatrix
{
public:
    PackedMatrix(const at::Tensor& matrix, PackedKind kind); ///< float32 [rows, columns]

    /// x W^T for few rows x: float32 [n, columns] -> [n, rows]. Sums are float32.
    at::Tensor product(const at::Tensor& x) const;
    at::Tensor unpacked() const; ///< float32 [rows, columns]
    std::int64_t bytes() const; ///< that it takes

private:
    PackedKind m_kind;
    std::int64_t m_rows;
    std::int64_t m_columns;
    std::vector<std::uint16_t> m_halves; ///< of Bfloat16
    std::vector<std::int8_t> m_levels; ///< of Int8, each row filled up to whole blocks
    std::vector<float> m_scales; ///< [rows, blocks]
};

/// x W^T for few rows x, where the product waits for memory: x [n, columns], W [rows, columns],
/// both contiguous float32 -> [n, rows].
at::Tensor fewRowsProduct(const at::Tensor& x, const at::Tensor& matrix);

/// Up to how many rows these are faster than a matrix product that is made for many.
constexpr std::int64_t kFewRows = 8;

} // namespace tw
