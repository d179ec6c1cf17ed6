// SPDX-License-Identifier: Apache-2.0
#include "core/model/model.h"

namespace tw {
namespace {

at::Tensor lowRankPart(const LowRank& delta, const at::Tensor& x)
{
    // Gradient mode is on only where something is trained.
    const bool drops = delta.dropout > 0.0 && at::GradMode::is_enabled();
    const at::Tensor input = drops ? at::dropout(x, delta.dropout, true) : x;
    return at::linear(at::linear(input, delta.A), delta.B) * delta.scale;
}

} // namespace

Linear::Linear(at::Tensor weightMatrix, at::Tensor biasVector)
    : weight(std::move(weightMatrix))
    , bias(std::move(biasVector))
{
}

at::Tensor Linear::forward(const at::Tensor& x) const
{
    at::Tensor y = bias.defined() ? at::linear(x, weight, bias) : at::linear(x, weight);
    for (const auto& delta : deltas) {
        const auto factors = delta->lowRank();
        y = y + (factors ? lowRankPart(*factors, x) : delta->apply(x));
    }
    return y;
}

} // namespace tw
