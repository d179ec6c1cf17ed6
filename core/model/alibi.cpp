// SPDX-License-Identifier: Apache-2.0
#include "core/model/alibi.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

/// Slopes of ALiBi's heads (Press et al. 2022, section 3): a geometric sequence; where the number
/// of heads is no power of two, every second slope of the next one fills up.
std::vector<float> alibiSlopes(std::int64_t heads)
{
    std::int64_t power = 1;
    while (power * 2 <= heads)
        power *= 2;
    const auto slope = [](double number, std::int64_t of) {
        const auto base = static_cast<float>(std::pow(2.0, -8.0 / static_cast<double>(of)));
        return std::pow(base, static_cast<float>(number));
    };
    std::vector<float> slopes;
    for (std::int64_t i = 1; i <= power; ++i)
        slopes.push_back(slope(static_cast<double>(i), power));
    for (std::int64_t i = 0; power + i < heads; ++i)
        slopes.push_back(slope(static_cast<double>(2 * i + 1), 2 * power));
    return slopes;
}

} // namespace

// The slope times the distance to the query differs from this by a number which softmax does not
// see.
ScoreBias alibi(const ModelConfig& config)
{
    const at::Tensor slopes = at::tensor(alibiSlopes(config.heads)).view({-1, 1, 1});
    const bool isRounded = config.roundsAlibi;
    const double scale = isRounded ? 1.0 / std::sqrt(static_cast<double>(config.headSize)) : 1.0;
    return [slopes, isRounded, scale](const at::Tensor&, const at::Tensor& k) {
        const at::Tensor places = at::arange(k.size(0), at::kFloat);
        if (!isRounded)
            return slopes * places;
        return (slopes.to(at::kBFloat16) * places.to(at::kBFloat16)).to(at::kFloat) * scale;
    };
}

} // namespace tw
