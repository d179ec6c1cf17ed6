// SPDX-License-Identifier: Apache-2.0
#include "core/model/packed_matrix.h"

#include "core/base/quick_team.h"
#include "core/model/few_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace tw {
namespace {

// Bytes of weights in one piece of work: worth another thread of the team, which is awake; and not
// so many that all wait for a thread that the system took away.
constexpr std::int64_t kLeastBytes = 64 * 1024;
constexpr std::int64_t kMostBytes = 1024 * 1024;
constexpr float kMostLevel = 127.0f;
constexpr std::int64_t kLanes = 16; ///< number i of a block lies beside number i + 16

/// Nearest bfloat16, ties to even; what is no number stays none.
std::uint16_t halved(float x)
{
    const auto bits = std::bit_cast<std::uint32_t>(x);
    if (std::isnan(x))
        return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

std::int64_t filledTo(std::int64_t columns, std::int64_t block)
{
    return (columns + block - 1) / block * block;
}

/// Rows filled up with zeros to whole blocks.
at::Tensor filledUp(const at::Tensor& x, std::int64_t block)
{
    const std::int64_t missing = filledTo(x.size(1), block) - x.size(1);
    return (missing == 0 ? x : at::constant_pad_nd(x, {0, missing})).contiguous();
}

/// Blocks of `block` numbers with number i beside number i + 16.
at::Tensor interleaved(const at::Tensor& filled, std::int64_t block)
{
    return filled.reshape({-1, block / kLanes, kLanes}).transpose(1, 2).contiguous();
}

/// y [n, rows] = x W^T, some rows of W at a time: piece(first row, what to make of it).
template <typename Piece>
at::Tensor
byRows(const at::Tensor& x, std::int64_t rows, std::int64_t bytesPerRow, const Piece& piece)
{
    at::Tensor y = at::empty({x.size(0), rows}, x.options());
    const float* from = x.const_data_ptr<float>();
    auto* to = y.mutable_data_ptr<float>();
    // Few pieces, as each reads ahead into the next; of multiples of 4 rows, which are multiplied
    // at once.
    const std::int64_t threads = at::get_num_threads();
    const std::int64_t bytes =
        std::clamp(rows * bytesPerRow / (2 * threads), kLeastBytes, kMostBytes);
    const std::int64_t each = std::max<std::int64_t>(4, bytes / bytesPerRow / 4 * 4);
    const std::int64_t pieces = (rows + each - 1) / each;
    QuickTeam::shared().run(threads, pieces, [&](std::int64_t number) {
        const std::int64_t first = number * each;
        piece(first,
              loops::FewRows {from, to + first, x.size(0), rows, std::min(each, rows - first),
                              x.size(1)});
    });
    return y;
}

} // namespace

PackedMatrix::PackedMatrix(const at::Tensor& matrix, PackedKind kind)
    : m_kind(kind)
    , m_rows(matrix.size(0))
    , m_columns(matrix.size(1))
{
    const std::int64_t block = kind == PackedKind::Int8 ? loops::kLevels : loops::kHalves;
    const at::Tensor numbers = interleaved(filledUp(matrix.detach().to(at::kFloat), block), block);
    const float* from = numbers.const_data_ptr<float>();
    const auto count = static_cast<std::size_t>(numbers.numel());
    if (kind == PackedKind::Bfloat16) {
        m_halves.resize(count);
        std::transform(from, from + count, m_halves.begin(), halved);
        return;
    }
    m_levels.resize(count);
    m_scales.resize(count / static_cast<std::size_t>(block));
    for (std::size_t b = 0; b < m_scales.size(); ++b) {
        const float* first = from + static_cast<std::ptrdiff_t>(b) * block;
        float most = 0.0f;
        for (std::int64_t i = 0; i < block; ++i)
            most = std::max(most, std::abs(first[i]));
        m_scales[b] = most / kMostLevel;
        std::int8_t* to = m_levels.data() + static_cast<std::ptrdiff_t>(b) * block;
        for (std::int64_t i = 0; i < block; ++i)
            to[i] = static_cast<std::int8_t>(most > 0.0f ? std::lround(first[i] / most * kMostLevel)
                                                         : 0);
    }
}

at::Tensor PackedMatrix::product(const at::Tensor& x) const
{
    if (m_kind == PackedKind::Bfloat16) {
        const at::Tensor given = filledUp(x, loops::kHalves);
        const std::int64_t width = given.size(1);
        return byRows(given, m_rows, width * 2, [&](std::int64_t row, const loops::FewRows& to) {
            loops::fewRows(m_halves.data() + row * width, to);
        });
    }
    const at::Tensor given = filledUp(x, loops::kLevels);
    const std::int64_t width = given.size(1);
    return byRows(given, m_rows, width, [&](std::int64_t row, const loops::FewRows& to) {
        loops::fewRows(m_levels.data() + row * width,
                       m_scales.data() + row * (width / loops::kLevels), to);
    });
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
    const float* weights = matrix.const_data_ptr<float>();
    const std::int64_t width = matrix.size(1);
    return byRows(x.contiguous(), matrix.size(0), width * 4,
                  [&](std::int64_t row, const loops::FewRows& to) {
                      loops::fewRows(weights + row * width, to);
                  });
}

} // namespace tw
