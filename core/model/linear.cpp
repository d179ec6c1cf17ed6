// SPDX-License-Identifier: Apache-2.0
#include "core/model/linear_group.h"

#include <ATen/ATen.h>

namespace tw {
namespace {

/// The layer with its first `count` changes. x: [T, in].
at::Tensor withChanges(const Linear& layer, std::size_t count, const at::Tensor& x)
{
    if (count == 0) {
        Linear bare(layer.weight, layer.bias);
        bare.packed = layer.packed;
        return linearGroup({GroupInput::Kind::Plain, x, {}, 0.0}, {&bare}).front();
    }
    return layer.deltas[count - 1]->forward(
        x, {layer.weight, layer.bias},
        [&](const at::Tensor& input) { return withChanges(layer, count - 1, input); });
}

at::Tensor withChanges(const Embedding& embedding, std::size_t count, const at::Tensor& ids)
{
    if (count == 0)
        return at::embedding(embedding.weight, ids);
    return embedding.changes[count - 1]->rows(ids, embedding.weight, [&](const at::Tensor& asked) {
        return withChanges(embedding, count - 1, asked);
    });
}

} // namespace

at::Tensor WeightDelta::forward(const at::Tensor& x,
                                const LinearWeights& /*base*/,
                                const TensorFunction& below) const
{
    const auto factors = lowRank();
    if (!factors)
        return below(x) + apply(x);
    const bool drops = factors->dropout > 0.0 && at::GradMode::is_enabled();
    const at::Tensor input = drops ? at::dropout(x, factors->dropout, true) : x;
    return below(x) + at::linear(at::linear(input, factors->A), factors->B) * factors->scale;
}

LinearWeights WeightDelta::merged(const LinearWeights& /*base*/, const LinearWeights& below) const
{
    return {below.weight + matrix(), below.bias};
}

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
    if (canFold(*this))
        return linearGroup({GroupInput::Kind::Plain, rows, {}, 0.0}, {this}).front().view(shape);
    return withChanges(*this, deltas.size(), rows).view(shape);
}

LinearWeights Linear::merged() const
{
    LinearWeights all {weight, bias};
    for (const auto& change : deltas)
        all = change->merged({weight, bias}, all);
    return all;
}

at::Tensor Embedding::forward(const at::Tensor& ids) const
{
    return withChanges(*this, changes.size(), ids);
}

at::Tensor Embedding::merged() const
{
    at::Tensor table = weight;
    for (const auto& change : changes)
        table = change->merged(weight, table);
    return table;
}

} // namespace tw
