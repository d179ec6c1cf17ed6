// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/loha_delta.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {

LohaDelta::LohaDelta(std::array<at::Tensor, 4> factors, double scale, LycorisDropout dropout)
    : m_factors(std::move(factors))
    , m_scale(scale)
    , m_dropout(dropout)
{
    for (const at::Tensor& factor : m_factors)
        factor.requires_grad_();
}

at::Tensor LohaDelta::apply(const at::Tensor& x) const
{
    const auto& [A1, B1, A2, B2] = m_factors;
    const std::int64_t pairs = A1.size(1) * A2.size(1);
    if (2 * pairs > std::min(A1.size(0), B1.size(1)))
        return m_dropout.of(at::linear(x, matrix()));
    // The product of two matrices of rank r, entry by entry, has rank r^2: its factors are all
    // pairs of theirs.
    const at::Tensor A = (A1.unsqueeze(2) * A2.unsqueeze(1)).view({-1, pairs});
    const at::Tensor B = (B1.unsqueeze(1) * B2.unsqueeze(0)).view({pairs, -1});
    return m_dropout.of(at::linear(at::linear(x, B), A) * m_scale);
}

at::Tensor LohaDelta::matrix() const
{
    const auto& [A1, B1, A2, B2] = m_factors;
    return A1.matmul(B1) * A2.matmul(B2) * m_scale;
}

NamedTensors LohaDelta::trainable() const
{
    const auto& [A1, B1, A2, B2] = m_factors;
    return {{"hada_w1_a", A1}, {"hada_w1_b", B1}, {"hada_w2_a", A2}, {"hada_w2_b", B2}};
}

} // namespace tw
