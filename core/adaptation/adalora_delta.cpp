// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adalora_delta.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace tw {

double adaloraScale(double alpha, std::int64_t firstRank, std::int64_t rank)
{
    constexpr double kEpsilon = 1e-5; // PEFT's
    return (alpha > 0 ? alpha : static_cast<double>(rank))
        / (static_cast<double>(firstRank) + kEpsilon);
}

AdaloraDelta::AdaloraDelta(at::Tensor Q, at::Tensor E, at::Tensor P, double scale, double dropout)
    : m_q(Q.requires_grad_())
    , m_e(E.requires_grad_())
    , m_p(P.requires_grad_())
    , m_scale(scale)
    , m_dropout(dropout)
{
}

at::Tensor AdaloraDelta::apply(const at::Tensor& x) const
{
    const at::Tensor seen =
        m_dropout > 0 ? at::dropout(x, m_dropout, at::GradMode::is_enabled()) : x;
    return seen.matmul((m_q * m_e).t()).matmul(m_p.t()) * m_scale;
}

at::Tensor AdaloraDelta::matrix() const
{
    return m_p.matmul(m_q * m_e) * m_scale;
}

NamedTensors AdaloraDelta::trainable() const
{
    return {{"lora_A", m_q}, {"lora_B", m_p}, {"lora_E", m_e}};
}

std::optional<LowRank> AdaloraDelta::lowRank() const
{
    if (m_q.size(0) == 0)
        return std::nullopt;
    return LowRank {m_q * m_e, m_p, m_scale, m_dropout};
}

} // namespace tw
