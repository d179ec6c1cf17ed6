// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_delta.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

LoraDelta::LoraDelta(at::Tensor A, at::Tensor B, double scale, double dropout)
    : m_factors {std::move(A), std::move(B), scale, dropout}
{
    m_factors.A.requires_grad_();
    m_factors.B.requires_grad_();
}

at::Tensor LoraDelta::apply(const at::Tensor& x) const // [*, in] -> [*, rank] -> [*, out]
{
    const auto& [A, B, scale, dropout] = m_factors;
    const at::Tensor seen = dropout > 0 ? at::dropout(x, dropout, at::GradMode::is_enabled()) : x;
    return seen.matmul(A.t()).matmul(B.t()) * scale;
}

at::Tensor LoraDelta::matrix() const
{
    return m_factors.B.matmul(m_factors.A) * m_factors.scale;
}

NamedTensors LoraDelta::trainable() const
{
    return {{"lora_A.weight", m_factors.A}, {"lora_B.weight", m_factors.B}};
}

BiasedLora::BiasedLora(LowRank factors, at::Tensor bias)
    : m_delta(std::move(factors.A), std::move(factors.B), factors.scale, factors.dropout)
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
