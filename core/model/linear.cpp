// SPDX-License-Identifier: Apache-2.0
#include "core/model/linear_group.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

/// What deltas beyond the folded one add. x: [T, in].
at::Tensor added(const WeightDelta& delta, const at::Tensor& x)
{
    const auto factors = delta.lowRank();
    if (!factors)
        return delta.apply(x);
    const bool drops = factors->dropout > 0.0 && at::GradMode::is_enabled();
    const at::Tensor input = drops ? at::dropout(x, factors->dropout, true) : x;
    return at::linear(at::linear(input, factors->A), factors->B) * factors->scale;
}

} // namespace

Linear::Linear(at::Tensor weightMatrix, at::Tensor biasVector)
    : weight(std::move(weightMatrix))
    , bias(std::move(biasVector))
{
}

at::Tensor Linear::forward(const at::Tensor& x) const
{
    std::vector<std::int64_t> shape = x.sizes().vec();
    const at::Tensor rows = x.reshape({-1, weight.size(1)});
    shape.back() = weight.size(0);
    const GroupInput input {GroupInput::Kind::Plain, rows, {}, 0.0};
    if (canFold(*this))
        return linearGroup(input, {this}).front().view(shape);
    const Linear bare(weight, bias);
    at::Tensor y = linearGroup(input, {&bare}).front();
    for (const auto& delta : deltas)
        y = y + added(*delta, rows);
    return y.view(shape);
}

} // namespace tw
