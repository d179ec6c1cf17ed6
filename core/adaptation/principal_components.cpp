// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/principal_components.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace tw {
namespace {

/// Squared singular values below this share of the largest are rounding of float64.
constexpr double kNothing = 1e-13;

/// The longest of the right singular vectors of M times their singular values, by the smaller of
/// its two Gram matrices.
at::Tensor mainDirections(const at::Tensor& M, std::int64_t most)
{
    const bool isWide = M.size(0) <= M.size(1);
    const auto [squares, vectors] = at::linalg_eigh(isWide ? M.matmul(M.t()) : M.t().matmul(M));
    const at::Tensor longest = squares.flip(0);
    const std::int64_t real = (longest > kNothing * longest[0]).sum().item<std::int64_t>();
    const std::int64_t kept = std::min(most, real);
    const at::Tensor side = vectors.flip(1).narrow(1, 0, kept).t(); // [kept, rows or width]
    return isWide ? side.matmul(M) : side * longest.narrow(0, 0, kept).sqrt().unsqueeze(1);
}

} // namespace

PrincipalComponents::PrincipalComponents(std::int64_t most)
    : m_most(most)
{
}

void PrincipalComponents::add(const at::Tensor& rows)
{
    const at::NoGradGuard noGrad;
    const std::int64_t count = rows.size(0);
    if (count == 0)
        return;
    const at::Tensor exact = rows.to(at::kDouble);
    const at::Tensor mean = exact.mean(0);
    const at::Tensor centred = exact - mean;
    m_squares += centred.square().sum().item<double>();
    if (m_rows == 0) {
        m_scaled = mainDirections(centred, m_most);
        m_mean = mean;
        m_rows = count;
        return;
    }
    const auto before = static_cast<double>(m_rows);
    const auto now = static_cast<double>(count);
    // The two means lie apart: one more row stands for what that adds to the variance.
    const at::Tensor shift = (m_mean - mean) * std::sqrt(before * now / (before + now));
    m_squares += shift.square().sum().item<double>();
    m_scaled = mainDirections(at::cat({m_scaled, centred, shift.unsqueeze(0)}), m_most);
    m_mean = (m_mean * before + mean * now) / (before + now);
    m_rows += count;
}

at::Tensor PrincipalComponents::directions() const
{
    const at::Tensor units = m_scaled / m_scaled.norm(2, {1}, true);
    const at::Tensor largest = units.gather(1, units.abs().argmax(1, true));
    return (units * largest.sign()).to(at::kFloat);
}

std::vector<double> PrincipalComponents::shares() const
{
    std::vector<double> shares;
    for (std::int64_t i = 0; i < m_scaled.size(0); ++i)
        shares.push_back(m_scaled[i].square().sum().item<double>() / m_squares);
    return shares;
}

} // namespace tw
