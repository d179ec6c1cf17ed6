// SPDX-License-Identifier: Apache-2.0
#include "core/model/disentangled.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

/// Distances from query to key [count, count]: exact ones up to half of the buckets, then on a
/// logarithmic scale.
at::Tensor distances(const Disentangled& settings, std::int64_t count)
{
    const at::Tensor places = at::arange(count, at::kLong);
    const at::Tensor exact = places.unsqueeze(1) - places.unsqueeze(0);
    if (settings.buckets <= 0 || settings.farthest <= 0)
        return exact;
    const std::int64_t mid = settings.buckets / 2;
    const at::Tensor size =
        at::where(exact.abs() < mid, at::scalar_tensor(mid - 1, at::kLong), exact.abs());
    const double farthest = static_cast<double>(settings.farthest - 1) / static_cast<double>(mid);
    const at::Tensor steps = at::ceil(at::log(size / static_cast<double>(mid))
                                      / std::log(static_cast<float>(farthest)) * (mid - 1))
        + mid;
    return at::where(size <= mid, exact.to(at::kFloat), steps * exact.sign()).to(at::kLong);
}

/// [rows, hidden] -> [heads, headSize, rows].
at::Tensor perHead(const Linear& layer, const at::Tensor& vectors, std::int64_t heads)
{
    return layer.forward(vectors).view({vectors.size(0), heads, -1}).permute({1, 2, 0});
}

} // namespace

ScoreBias disentangledBias(const Disentangled& settings,
                           const at::Tensor& vectors,
                           const Linear* positionKeys,
                           const Linear* positionQueries)
{
    return [=](const at::Tensor& q, const at::Tensor& k) {
        const std::int64_t heads = q.size(1);
        const std::int64_t count = q.size(0);
        const at::Tensor places =
            (distances(settings, count) + settings.span).clamp(0, 2 * settings.span - 1);
        at::Tensor bias = at::zeros({heads, count, count}, q.options());
        if (positionKeys != nullptr)
            bias = bias
                + at::matmul(q.permute({1, 0, 2}), perHead(*positionKeys, vectors, heads))
                      .gather(-1, places.expand({heads, count, count}));
        if (positionQueries != nullptr)
            bias = bias
                + at::matmul(k.permute({1, 0, 2}), perHead(*positionQueries, vectors, heads))
                      .gather(-1, places.t().expand({heads, count, count}))
                      .transpose(1, 2);
        return bias * settings.scale;
    };
}

} // namespace tw
