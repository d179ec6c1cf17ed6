// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// Products of a large matrix with few rows, which wait for memory: y[t][r] = dot(W[r], x[t]).
namespace tw::loops {

/// x [n, size] and y [n, stride], of which the first `rows` numbers of each row are written; all
/// contiguous.
struct FewRows
{
    const float* x = nullptr;
    float* y = nullptr;
    std::int64_t n = 0;
    std::int64_t stride = 0;
    std::int64_t rows = 0; ///< of W
    std::int64_t size = 0; ///< of a row of W
};

constexpr std::int64_t kHalves = 32; ///< numbers in a block of bfloat16
constexpr std::int64_t kLevels = 64; ///< numbers in a block of 8 bits; they share a scale

/// W [rows, size].
void fewRows(const float* W, const FewRows& to);
/// W in bfloat16, each block in the order 0, 16, 1, 17 ...; size is a multiple of kHalves.
void fewRows(const std::uint16_t* W, const FewRows& to);
/// W[r][i] = levels[r][i] * scales[r][i / kLevels], each block of levels in the order 0, 16, 32,
/// 48, 1, 17 ...; size is a multiple of kLevels.
void fewRows(const std::int8_t* levels, const float* scales, const FewRows& to);

} // namespace tw::loops
