// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/vera_delta.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

at::Tensor drawn(std::int64_t rows, std::int64_t columns, at::Generator& generator)
{
    const double bound = std::sqrt(6.0 / static_cast<double>(columns));
    return at::empty({rows, columns}, at::kFloat).uniform_(-bound, bound, generator);
}

} // namespace

VeraSizes veraSizes(const std::vector<SiteInfo>& layers, std::int64_t rank)
{
    VeraSizes sizes;
    sizes.rank = rank;
    for (const SiteInfo& layer : layers) {
        sizes.in = std::max(sizes.in, layer.in);
        sizes.out = std::max(sizes.out, layer.out);
    }
    return sizes;
}

VeraProjections drawVeraProjections(const VeraSizes& sizes, std::int64_t seed)
{
    auto generator = at::make_generator<at::CPUGeneratorImpl>(static_cast<std::uint64_t>(seed));
    const at::Tensor A = drawn(sizes.rank, sizes.in, generator);
    return {A, drawn(sizes.out, sizes.rank, generator)};
}

VeraDelta::VeraDelta(const VeraProjections& shared,
                     const SiteInfo& layer,
                     at::Tensor d,
                     at::Tensor b,
                     double dropout)
    : m_A(shared.A.narrow(1, 0, layer.in))
    , m_B(shared.B.narrow(0, 0, layer.out))
    , m_d(d.requires_grad_())
    , m_b(b.requires_grad_())
    , m_dropout(dropout)
{
}

at::Tensor VeraDelta::apply(const at::Tensor& x) const
{
    const at::Tensor seen =
        m_dropout > 0 ? at::dropout(x, m_dropout, at::GradMode::is_enabled()) : x;
    return at::linear(at::linear(seen, m_A) * m_d, m_B) * m_b;
}

at::Tensor VeraDelta::matrix() const
{
    return (m_B * m_b.unsqueeze(1)).matmul(m_A * m_d.unsqueeze(1));
}

NamedTensors VeraDelta::trainable() const
{
    return {{"vera_lambda_b", m_b}, {"vera_lambda_d", m_d}};
}

} // namespace tw
