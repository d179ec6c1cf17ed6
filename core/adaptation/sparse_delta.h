// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace tw {

/// Single numbers of a matrix [out, in] that are added to it; the others stay as they are.
class SparseDelta final : public WeightDelta
{
public:
    /// index int64 [k]: places in the matrix, row after row; values [k].
    SparseDelta(at::Tensor index, at::Tensor values, std::int64_t out, std::int64_t in);

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;

private:
    at::Tensor m_index;
    at::Tensor m_values;
    std::int64_t m_out;
    std::int64_t m_in;
};

/// The same for the embedding's table [vocabulary, hidden].
class SparseTable final : public TableChange
{
public:
    SparseTable(at::Tensor index, at::Tensor values, std::int64_t rows, std::int64_t width);

    at::Tensor
    rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const override;
    at::Tensor merged(const at::Tensor& base, const at::Tensor& below) const override;
    NamedTensors trainable() const override;

private:
    SparseDelta m_delta;
};

/// Names of the trained values and of their places, behind the module's.
inline constexpr const char* kSparseValues = "lt_sft_values";
inline constexpr const char* kSparseIndex = "lt_sft_index";

/// A rank for each number of part `part` of several tensors: larger goes first.
using SparseKeys = std::function<at::Tensor(std::size_t part)>; ///< int64 [n], 0 to 2^32 - 1
/// The places of the `count` largest keys over all parts together, each part's in ascending order;
/// of equal ones the first. Keys are asked for three times, one part after the other, so that never
/// more than one part is in memory.
std::vector<at::Tensor>
largestPlaces(std::size_t parts, const SparseKeys& keys, std::int64_t count);

} // namespace tw
