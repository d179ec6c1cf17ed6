// SPDX-License-Identifier: Apache-2.0
#include "core/model/packed_matrix.h"

#include "core/model/loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace tw {
namespace {

// Bytes of weights that are worth another thread: waking it costs about as long as reading them.
constexpr std::int64_t kGrainBytes = 256 * 1024;
constexpr float kMostLevel = 127.0f;

std::int64_t blocksOf(std::int64_t columns)
{
    return (columns + loops::kBlock - 1) / loops::kBlock;
}

/// Nearest bfloat16, ties to even; what is no number stays none.
std::uint16_t halved(float x)
{
    const auto bits = std::bit_cast<std::uint32_t>(x);
    if (std::isnan(x))
        return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

template <typename Work>
void overRows(std::int64_t rows, std::int64_t bytesPerRow, Work work)
{
    at::parallel_for(0, rows, std::max<std::int64_t>(1, kGrainBytes / bytesPerRow), work);
}

/// x with each row filled up with zeros to whole blocks.
at::Tensor filledUp(const at::Tensor& x)
{
    const std::int64_t missing = blocksOf(x.size(1)) * loops::kBlock - x.size(1);
    return missing == 0 ? x : at::constant_pad_nd(x, {0, missing});
}

} // namespace

PackedMatrix::PackedMatrix(const at::Tensor& matrix, PackedKind kind)
    : m_kind(kind)
    , m_rows(matrix.size(0))
    , m_columns(matrix.size(1))
{
    const at::Tensor all = matrix.detach().contiguous();
    if (kind == PackedKind::Bfloat16) {
        const float* from = all.const_data_ptr<float>();
        m_halves.resize(static_cast<std::size_t>(all.numel()));
        std::transform(from, from + all.numel(), m_halves.begin(), halved);
        return;
    }
    const at::Tensor filled = filledUp(all).contiguous();
    const float* from = filled.const_data_ptr<float>();
    m_levels.resize(static_cast<std::size_t>(filled.numel()));
    m_scales.resize(m_levels.size() / static_cast<std::size_t>(loops::kBlock));
    for (std::size_t block = 0; block < m_scales.size(); ++block) {
        const auto first = static_cast<std::ptrdiff_t>(block) * loops::kBlock;
        float most = 0.0f;
        for (std::int64_t i = 0; i < loops::kBlock; ++i)
            most = std::max(most, std::abs(from[first + i]));
        m_scales[block] = most / kMostLevel;
        for (std::int64_t i = 0; i < loops::kBlock; ++i)
            m_levels[static_cast<std::size_t>(first + i)] = static_cast<std::int8_t>(
                most > 0.0f ? std::lround(from[first + i] / most * kMostLevel) : 0);
    }
}

at::Tensor PackedMatrix::product(const at::Tensor& x) const
{
    const std::int64_t n = x.size(0);
    const at::Tensor given = (m_kind == PackedKind::Int8 ? filledUp(x) : x).contiguous();
    at::Tensor y = at::empty({n, m_rows}, x.options());
    const float* from = given.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    const std::int64_t width = given.size(1);
    const std::int64_t blocks = blocksOf(m_columns);
    if (m_kind == PackedKind::Bfloat16)
        overRows(m_rows, width * 2, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t r = 0; r < n; ++r)
                loops::matrixVector(m_halves.data() + begin * width, from + r * width,
                                    to + r * m_rows + begin, end - begin, width);
        });
    else
        overRows(m_rows, width, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t r = 0; r < n; ++r)
                loops::matrixVector(m_levels.data() + begin * width,
                                    m_scales.data() + begin * blocks, from + r * width,
                                    to + r * m_rows + begin, end - begin, width);
        });
    return y;
}

at::Tensor PackedMatrix::unpacked() const
{
    // Row i of the identity picks column i.
    return product(at::eye(m_columns)).t().contiguous();
}

std::int64_t PackedMatrix::bytes() const
{
    return static_cast<std::int64_t>(m_halves.size() * 2 + m_levels.size() + m_scales.size() * 4);
}

at::Tensor fewRowsProduct(const at::Tensor& x, const at::Tensor& matrix)
{
    const std::int64_t n = x.size(0);
    const std::int64_t width = x.size(1);
    const std::int64_t rows = matrix.size(0);
    at::Tensor y = at::empty({n, rows}, x.options());
    const float* from = x.const_data_ptr<float>();
    const float* weights = matrix.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    // All of x against a piece of the matrix that stays in the cache: it is read from memory once.
    overRows(rows, width * 4, [&](std::int64_t begin, std::int64_t end) {
        const std::int64_t piece = std::max<std::int64_t>(4, 32 * 1024 / (width * 4));
        for (std::int64_t row = begin; row < end; row += piece)
            for (std::int64_t r = 0; r < n; ++r)
                loops::matrixVector(weights + row * width, from + r * width, to + r * rows + row,
                                    std::min(piece, end - row), width);
    });
    return y;
}

} // namespace tw
