// SPDX-License-Identifier: Apache-2.0
// Numbers in fewer bytes lie side by side in 32-bit words, number i of a block with number i + 16:
// a shift makes a vector of each, where spreading bytes over words costs several steps.

#include "core/model/few_rows.h"

#include "core/model/per_cpu.h"

#include <cstring>

namespace tw::loops {
namespace {

constexpr std::int64_t kLanes = 16;
// Ahead of what is read; the processor itself looks only a few lines ahead, within one page.
constexpr std::int64_t kAhead = 8192;
// Rows of W and of x at once: their sums fill the registers.
constexpr std::int64_t kTile = 4;

using Floats = float __attribute__((vector_size(64)));
using Words = std::int32_t __attribute__((vector_size(64)));

template <typename To, typename From>
TW_INLINE void load(const From* from, To& to)
{
    static_assert(sizeof(To) == 64);
    std::memcpy(&to, from, sizeof(To));
}

struct Plain
{
    const float* W;
    std::int64_t size;
    static constexpr std::int64_t kBlock = kLanes;

    TW_INLINE float number(std::int64_t row, std::int64_t i) const { return W[row * size + i]; }

    template <std::size_t R, std::size_t N>
    TW_INLINE void
    add(std::int64_t row, std::int64_t block, const float* x, Floats (&sums)[R][N]) const
    {
        Floats in[N];
        for (int t = 0; t < int(N); ++t)
            load(x + t * size + block * kBlock, in[t]);
        for (int r = 0; r < int(R); ++r) {
            const float* at = W + (row + r) * size + block * kBlock;
            __builtin_prefetch(at + kAhead / 4);
            Floats w;
            load(at, w);
            for (int t = 0; t < int(N); ++t)
                sums[r][t] += w * in[t];
        }
    }
};

struct Halves
{
    const std::uint16_t* W;
    std::int64_t size;
    static constexpr std::int64_t kBlock = kHalves;

    template <std::size_t R, std::size_t N>
    TW_INLINE void
    add(std::int64_t row, std::int64_t block, const float* x, Floats (&sums)[R][N]) const
    {
        Floats in[N][2];
        for (int t = 0; t < int(N); ++t)
            for (int part = 0; part < 2; ++part)
                load(x + t * size + block * kBlock + part * kLanes, in[t][part]);
        for (int r = 0; r < int(R); ++r) {
            const std::uint16_t* at = W + (row + r) * size + block * kBlock;
            __builtin_prefetch(at + kAhead / 2);
            Words both;
            load(at, both);
            const Words first = both << 16;
            const Words second = both & -0x10000;
            Floats w[2];
            load(&first, w[0]);
            load(&second, w[1]);
            for (int t = 0; t < int(N); ++t)
                sums[r][t] += w[0] * in[t][0] + w[1] * in[t][1];
        }
    }
};

struct Levels
{
    const std::int8_t* levels;
    const float* scales;
    std::int64_t size;
    static constexpr std::int64_t kBlock = kLevels;

    template <std::size_t R, std::size_t N>
    TW_INLINE void
    add(std::int64_t row, std::int64_t block, const float* x, Floats (&sums)[R][N]) const
    {
        for (int r = 0; r < int(R); ++r) {
            const std::int8_t* at = levels + (row + r) * size + block * kBlock;
            __builtin_prefetch(at + kAhead);
            Words four;
            load(at, four);
            const Floats w[4] = {__builtin_convertvector((four << 24) >> 24, Floats),
                                 __builtin_convertvector((four << 16) >> 24, Floats),
                                 __builtin_convertvector((four << 8) >> 24, Floats),
                                 __builtin_convertvector(four >> 24, Floats)};
            const float scale = scales[(row + r) * (size / kBlock) + block];
            for (int t = 0; t < int(N); ++t) {
                Floats sum {};
                for (int part = 0; part < 4; ++part) {
                    Floats in;
                    load(x + t * size + block * kBlock + part * kLanes, in);
                    sum += w[part] * in;
                }
                sums[r][t] += sum * scale;
            }
        }
    }
};

/// R rows of W with N rows of x.
template <std::size_t R, std::size_t N, typename Matrix>
TW_INLINE void tile(const Matrix& W, const FewRows& to, std::int64_t row, std::int64_t t)
{
    Floats sums[R][N] {};
    const float* x = to.x + t * to.size;
    const std::int64_t blocks = to.size / Matrix::kBlock;
    for (std::int64_t block = 0; block < blocks; ++block)
        W.add(row, block, x, sums);
    for (int r = 0; r < int(R); ++r)
        for (int k = 0; k < int(N); ++k) {
            float sum = 0.0f;
            for (int lane = 0; lane < kLanes; ++lane)
                sum += sums[r][k][lane];
            if constexpr (Matrix::kBlock == kLanes) // the others' rows are filled up
                for (std::int64_t i = blocks * kLanes; i < to.size; ++i)
                    sum += W.number(row + r, i) * x[k * to.size + i];
            to.y[(t + k) * to.stride + row + r] = sum;
        }
}

template <std::size_t R, typename Matrix>
TW_INLINE void tiles(const Matrix& W, const FewRows& to, std::int64_t row)
{
    std::int64_t t = 0;
    for (; t + kTile <= to.n; t += kTile)
        tile<R, kTile>(W, to, row, t);
    for (; t < to.n; ++t)
        tile<R, 1>(W, to, row, t);
}

template <typename Matrix>
TW_INLINE void product(const Matrix& W, const FewRows& to)
{
    std::int64_t row = 0;
    for (; row + kTile <= to.rows; row += kTile)
        tiles<kTile>(W, to, row);
    for (; row < to.rows; ++row)
        tiles<1>(W, to, row);
}

} // namespace

TW_PER_CPU void fewRows(const float* W, const FewRows& to)
{
    product(Plain {W, to.size}, to);
}

TW_PER_CPU void fewRows(const std::uint16_t* W, const FewRows& to)
{
    product(Halves {W, to.size}, to);
}

TW_PER_CPU void fewRows(const std::int8_t* levels, const float* scales, const FewRows& to)
{
    product(Levels {levels, scales, to.size}, to);
}

} // namespace tw::loops
