// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/start_values.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

template <typename Draw>
at::Tensor drawn(const std::vector<std::int64_t>& shape, const Draw& draw)
{
    at::Tensor all = at::empty(shape, at::kFloat);
    auto* values = all.mutable_data_ptr<float>();
    std::generate(values, values + all.numel(), [&] { return static_cast<float>(draw()); });
    return all;
}

} // namespace

at::Tensor kaimingUniform(std::int64_t rows, std::int64_t columns, RandomStream& random)
{
    return uniformValues({rows, columns}, 1.0 / std::sqrt(static_cast<double>(columns)), random);
}

at::Tensor uniformValues(const std::vector<std::int64_t>& shape, double bound, RandomStream& random)
{
    return drawn(shape, [&] { return bound * (2.0 * random.uniform() - 1.0); });
}

at::Tensor
normalValues(const std::vector<std::int64_t>& shape, double deviation, RandomStream& random)
{
    return drawn(shape, [&] { return deviation * random.normal(); });
}

} // namespace tw
