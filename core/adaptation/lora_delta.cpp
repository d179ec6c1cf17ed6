// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_delta.h"

#include "core/adaptation/dora.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace tw {

double loraScale(double alpha, std::int64_t rank, bool isStabilised)
{
    const auto width = static_cast<double>(rank);
    return isStabilised ? alpha / std::sqrt(width) : alpha / width;
}

std::shared_ptr<const LinearChange> loraChange(LoraTensors tensors)
{
    auto& [factors, start, magnitude, bias] = tensors;
    if (magnitude.defined())
        return std::make_shared<DoraChange>(factors, magnitude, start);
    if (bias.defined())
        return std::make_shared<BiasedLora>(factors, bias, start);
    return std::make_shared<LoraDelta>(factors.A, factors.B, factors.scale, factors.dropout, start);
}

LoraDelta::LoraDelta(at::Tensor A, at::Tensor B, double scale, double dropout, LoraFactors start)
    : m_factors {std::move(A), std::move(B), scale, dropout}
    , m_start(std::move(start))
{
    m_factors.A.requires_grad_();
    m_factors.B.requires_grad_();
}

at::Tensor LoraDelta::apply(const at::Tensor& x) const // [*, in] -> [*, rank] -> [*, out]
{
    const auto& [A, B, scale, dropout] = m_factors;
    const at::Tensor seen = dropout > 0 ? at::dropout(x, dropout, at::GradMode::is_enabled()) : x;
    const at::Tensor delta = seen.matmul(A.t()).matmul(B.t());
    if (!m_start.A.defined())
        return delta * scale;
    return (delta - x.matmul(m_start.A.t()).matmul(m_start.B.t())) * scale;
}

at::Tensor LoraDelta::matrix() const
{
    const at::Tensor product = m_factors.B.matmul(m_factors.A);
    return (m_start.A.defined() ? product - m_start.B.matmul(m_start.A) : product)
        * m_factors.scale;
}

std::optional<LowRank> LoraDelta::lowRank() const
{
    if (!m_start.A.defined())
        return m_factors;
    if (m_factors.dropout > 0)
        return std::nullopt;
    return LowRank {at::cat({m_factors.A, m_start.A}), at::cat({m_factors.B, -m_start.B}, 1),
                    m_factors.scale, 0.0};
}

NamedTensors LoraDelta::trainable() const
{
    return {{"lora_A.weight", m_factors.A}, {"lora_B.weight", m_factors.B}};
}

BiasedLora::BiasedLora(LowRank factors, at::Tensor bias, LoraFactors start)
    : m_delta(std::move(factors.A),
              std::move(factors.B),
              factors.scale,
              factors.dropout,
              std::move(start))
    , m_scale(factors.scale)
    , m_bias(std::move(bias))
{
    m_bias.requires_grad_();
}

at::Tensor BiasedLora::forward(const at::Tensor& x,
                               const LinearWeights& base,
                               const TensorFunction& below) const
{
    return m_delta.forward(x, base, below) + m_scale * m_bias;
}

LinearWeights BiasedLora::merged(const LinearWeights& base, const LinearWeights& below) const
{
    LinearWeights all = m_delta.merged(base, below);
    const at::Tensor added = m_scale * m_bias;
    all.bias = all.bias.defined() ? all.bias + added : added;
    return all;
}

NamedTensors BiasedLora::trainable() const
{
    NamedTensors all = m_delta.trainable();
    all.emplace_back("lora_B.bias", m_bias);
    return all;
}

LoraTable::LoraTable(at::Tensor A, at::Tensor B, double scale)
    : m_A(std::move(A))
    , m_B(std::move(B))
    , m_scale(scale)
{
    m_A.requires_grad_();
    m_B.requires_grad_();
}

at::Tensor LoraTable::rows(const at::Tensor& ids,
                           const at::Tensor& /*base*/,
                           const TensorFunction& below) const
{
    return below(ids) + m_A.index_select(1, ids).t().matmul(m_B.t()) * m_scale;
}

at::Tensor LoraTable::merged(const at::Tensor& /*base*/, const at::Tensor& below) const
{
    return below + m_A.t().matmul(m_B.t()) * m_scale;
}

NamedTensors LoraTable::trainable() const
{
    return {{"lora_embedding_A", m_A}, {"lora_embedding_B", m_B}};
}

} // namespace tw
