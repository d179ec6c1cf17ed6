// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/sparse_delta.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

constexpr std::int64_t kHalf = 1 << 16; // keys have 32 bits: two passes of 16

/// How often each value from 0 to kHalf - 1 occurs.
at::Tensor countsOf(const at::Tensor& numbers)
{
    return at::bincount(numbers, {}, kHalf);
}

/// The largest bin at which the counts from above reach `count`, and how many lie above it.
std::pair<std::int64_t, std::int64_t> binOf(const at::Tensor& counts, std::int64_t count)
{
    const auto* each = counts.const_data_ptr<std::int64_t>();
    std::int64_t above = 0;
    std::int64_t bin = kHalf - 1;
    while (bin > 0 && above + each[bin] < count)
        above += each[bin--];
    return {bin, above};
}

} // namespace

SparseDelta::SparseDelta(at::Tensor index, at::Tensor values, std::int64_t out, std::int64_t in)
    : m_index(std::move(index))
    , m_values(values.requires_grad_())
    , m_out(out)
    , m_in(in)
{
}

at::Tensor SparseDelta::apply(const at::Tensor& x) const
{
    return at::linear(x, matrix());
}

at::Tensor SparseDelta::matrix() const
{
    return at::zeros({m_out * m_in}, m_values.options().requires_grad(false))
        .index_copy(0, m_index, m_values)
        .view({m_out, m_in});
}

NamedTensors SparseDelta::trainable() const
{
    return {{kSparseValues, m_values}};
}

SparseTable::SparseTable(at::Tensor index, at::Tensor values, std::int64_t rows, std::int64_t width)
    : m_delta(std::move(index), std::move(values), rows, width)
{
}

at::Tensor SparseTable::rows(const at::Tensor& ids,
                             const at::Tensor& /*base*/,
                             const TensorFunction& below) const
{
    return below(ids) + at::embedding(m_delta.matrix(), ids);
}

at::Tensor SparseTable::merged(const at::Tensor& /*base*/, const at::Tensor& below) const
{
    return below + m_delta.matrix();
}

NamedTensors SparseTable::trainable() const
{
    return m_delta.trainable();
}

std::vector<at::Tensor> largestPlaces(std::size_t parts, const SparseKeys& keys, std::int64_t count)
{
    at::Tensor upper = at::zeros({kHalf}, at::kLong);
    for (std::size_t i = 0; i < parts; ++i)
        upper += countsOf(keys(i).div(kHalf, "floor"));
    const auto [high, aboveHigh] = binOf(upper, count);
    at::Tensor lower = at::zeros({kHalf}, at::kLong);
    for (std::size_t i = 0; i < parts; ++i) {
        const at::Tensor all = keys(i);
        lower += countsOf(all.masked_select(all.div(kHalf, "floor").eq(high)).remainder(kHalf));
    }
    const auto [low, aboveLow] = binOf(lower, count - aboveHigh);
    const std::int64_t threshold = high * kHalf + low;
    std::int64_t ties = count - aboveHigh - aboveLow; // that are taken, the first ones
    std::vector<at::Tensor> places;
    for (std::size_t i = 0; i < parts; ++i) {
        const at::Tensor all = keys(i);
        const at::Tensor equal = all.eq(threshold).nonzero().squeeze(1);
        const std::int64_t taken = std::clamp<std::int64_t>(ties, 0, equal.size(0));
        ties -= taken;
        const at::Tensor chosen =
            at::cat({all.gt(threshold).nonzero().squeeze(1), equal.narrow(0, 0, taken)});
        places.push_back(std::get<0>(chosen.sort()));
    }
    return places;
}

} // namespace tw
