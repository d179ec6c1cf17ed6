// SPDX-License-Identifier: Apache-2.0
#include "core/model/relative_buckets.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <memory>
#include <utility>

namespace tw {

at::Tensor relativeBuckets(const RelativeBuckets& settings,
                           std::int64_t queries,
                           std::int64_t keys,
                           bool isCausal)
{
    const at::Tensor distance =
        at::arange(keys).unsqueeze(0) - at::arange(keys - queries, keys).unsqueeze(1);
    const std::int64_t buckets = isCausal ? settings.buckets : settings.buckets / 2;
    const at::Tensor away = isCausal ? distance.neg().clamp_min(0) : distance.abs();
    const at::Tensor side = isCausal ? at::zeros_like(distance) : distance.gt(0) * buckets;
    const std::int64_t near = buckets / 2; // of these each distance has its own
    const double steps =
        std::log(static_cast<double>(settings.farthest) / static_cast<double>(near));
    // In float32 as the reference, which truncates: a rounding apart is a bucket apart.
    const at::Tensor beyond =
        (at::log(away.clamp_min(1).to(at::kFloat) / near) / steps * (buckets - near)).to(at::kLong)
        + near;
    return side + at::where(away < near, away, beyond.clamp_max(buckets - 1));
}

ScoreBias bucketBias(const RelativeBuckets& settings, const at::Tensor& table, bool isCausal)
{
    using Sizes = std::pair<std::int64_t, std::int64_t>;
    const auto known = std::make_shared<std::map<Sizes, at::Tensor>>();
    return [=](const at::Tensor& q, const at::Tensor& k) {
        at::Tensor& bias = (*known)[{q.size(0), k.size(0)}];
        if (!bias.defined())
            bias = at::embedding(table, relativeBuckets(settings, q.size(0), k.size(0), isCausal))
                       .permute({2, 0, 1});
        return bias;
    };
}

} // namespace tw
