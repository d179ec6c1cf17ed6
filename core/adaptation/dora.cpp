// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/dora.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {
namespace {

void requireGradients(const LowRank& factors, const at::Tensor& magnitude)
{
    factors.A.requires_grad_();
    factors.B.requires_grad_();
    magnitude.requires_grad_();
}

} // namespace

DoraChange::DoraChange(LowRank factors, at::Tensor magnitude, LoraFactors start)
    : m_factors(std::move(factors))
    , m_magnitude(std::move(magnitude))
    , m_start(std::move(start))
{
    requireGradients(m_factors, m_magnitude);
}

at::Tensor DoraChange::gain(const at::Tensor& weight) const
{
    const auto make = [&] {
        at::Tensor directions =
            weight.detach().addmm(m_factors.B.detach(), m_factors.A.detach(), 1.0, m_factors.scale);
        if (m_start.A.defined())
            directions.addmm_(m_start.B, m_start.A, 1.0, -m_factors.scale);
        return m_magnitude / directions.norm(2, {1});
    };
    return m_gain.get({weight, m_factors.A, m_factors.B, m_magnitude}, make);
}

at::Tensor DoraChange::forward(const at::Tensor& x,
                               const LinearWeights& base,
                               const TensorFunction& below) const
{
    const auto& [A, B, scale, dropout] = m_factors;
    const at::Tensor g = gain(base.weight);
    const bool drops = dropout > 0.0 && at::GradMode::is_enabled();
    const at::Tensor seen = drops ? at::dropout(x, dropout, true) : x;
    at::Tensor straight = at::linear(seen, base.weight);
    at::Tensor rest = below(x);
    if (m_start.A.defined()) {
        const auto started = [&](const at::Tensor& input) {
            return at::linear(at::linear(input, m_start.A), m_start.B) * scale;
        };
        const at::Tensor ofSeen = started(seen);
        straight = straight - ofSeen;
        rest = rest - (drops ? started(x) : ofSeen);
    }
    return rest + straight * (g - 1.0) + at::linear(at::linear(seen, A), B) * (g * scale);
}

LinearWeights DoraChange::merged(const LinearWeights& base, const LinearWeights& below) const
{
    const at::Tensor g = gain(base.weight).unsqueeze(1);
    at::Tensor product = m_factors.B.matmul(m_factors.A);
    if (m_start.A.defined())
        product = product - m_start.B.matmul(m_start.A);
    return {below.weight + base.weight * (g - 1.0) + product * (g * m_factors.scale), below.bias};
}

NamedTensors DoraChange::trainable() const
{
    return {{"lora_A.weight", m_factors.A},
            {"lora_B.weight", m_factors.B},
            {"lora_magnitude_vector", m_magnitude}};
}

DoraTable::DoraTable(LowRank factors, at::Tensor magnitude)
    : m_factors(std::move(factors))
    , m_magnitude(std::move(magnitude))
{
    requireGradients(m_factors, m_magnitude);
}

at::Tensor DoraTable::delta() const
{
    return m_factors.A.t().matmul(m_factors.B.t()) * m_factors.scale;
}

at::Tensor DoraTable::gain(const at::Tensor& table) const
{
    return m_gain.get({table, m_factors.A, m_factors.B, m_magnitude},
                      [&] { return m_magnitude / (table + delta()).detach().norm(2, {0}); });
}

at::Tensor
DoraTable::rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const
{
    const at::Tensor added =
        m_factors.A.index_select(1, ids).t().matmul(m_factors.B.t()) * m_factors.scale;
    return (below(ids) + added) * gain(base);
}

at::Tensor DoraTable::merged(const at::Tensor& base, const at::Tensor& below) const
{
    return (below + delta()) * gain(base);
}

NamedTensors DoraTable::trainable() const
{
    return {{"lora_embedding_A", m_factors.A},
            {"lora_embedding_B", m_factors.B},
            {"lora_magnitude_vector", m_magnitude}};
}

} // namespace tw
