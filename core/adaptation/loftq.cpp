// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/loftq.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <array>

namespace tw {
namespace {

constexpr std::int64_t kBlock = 64; // of bitsandbytes, and of LoftQ's experiments

/// The 16 numbers of NF4: quantiles of a normal distribution, made to reach from -1 to 1 and to
/// hold 0.
constexpr std::array<float, 16> kNf4 {-1.0F,        -0.69619280F, -0.52507305F,  -0.39491749F,
                                      -0.28444138F, -0.18477343F, -0.091050036F, 0.0F,
                                      0.079580300F, 0.16093020F,  0.24611230F,   0.33791524F,
                                      0.44070983F,  0.56261700F,  0.72295684F,   1.0F};

at::Tensor nf4Numbers()
{
    return at::tensor(at::ArrayRef<float>(kNf4.data(), kNf4.size()), at::kFloat);
}

/// Largest magnitude along the last dimension, which is kept; 1 where all are 0.
at::Tensor magnitudes(const at::Tensor& blocks)
{
    const at::Tensor largest = blocks.abs().amax({-1}, true);
    return largest.masked_fill(largest == 0, 1.0);
}

} // namespace

at::Tensor roundedToNf4(const at::Tensor& weight)
{
    const at::NoGradGuard noGrad;
    const at::Tensor flat = weight.to(at::kFloat).reshape({-1});
    const std::int64_t missing = (kBlock - flat.numel() % kBlock) % kBlock;
    const at::Tensor blocks = at::constant_pad_nd(flat, {0, missing}).view({-1, kBlock});
    const at::Tensor scales = magnitudes(blocks);
    const at::Tensor numbers = nf4Numbers();
    const at::Tensor borders = (numbers.slice(0, 1) + numbers.slice(0, 0, -1)) / 2;
    const at::Tensor nearest = at::bucketize(blocks / scales, borders);
    return (numbers.index_select(0, nearest.view({-1})).view_as(blocks) * scales)
        .view({-1})
        .narrow(0, 0, flat.numel())
        .view_as(weight);
}

at::Tensor roundedToInt8(const at::Tensor& weight)
{
    const at::NoGradGuard noGrad;
    constexpr double kLargest = 127.0;
    const at::Tensor exact = weight.to(at::kFloat);
    const at::Tensor scales = magnitudes(exact);
    return (exact * (kLargest / scales)).round() * (scales / kLargest);
}

LoraFactors loftqStart(const at::Tensor& weight,
                       std::int64_t rank,
                       at::Tensor (*rounded)(const at::Tensor&),
                       std::int64_t iterations)
{
    const at::NoGradGuard noGrad;
    LoraFactors factors;
    at::Tensor rest = weight;
    for (std::int64_t i = 0; i < iterations; ++i) {
        const auto [U, S, Vh] = at::linalg_svd(weight - rounded(rest), false);
        const at::Tensor root = S.narrow(0, 0, rank).sqrt();
        factors.A = (root.unsqueeze(1) * Vh.narrow(0, 0, rank)).contiguous();
        factors.B = (U.narrow(1, 0, rank) * root).contiguous();
        rest = weight - factors.B.matmul(factors.A);
    }
    return factors;
}

} // namespace tw
