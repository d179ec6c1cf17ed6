// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/oft_rotation.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {

std::int64_t nearestDivisor(std::int64_t whole, std::int64_t wanted)
{
    if (wanted >= whole)
        return whole;
    std::int64_t above = wanted;
    while (whole % above != 0)
        ++above;
    std::int64_t below = wanted;
    while (whole % below != 0)
        --below;
    return wanted - below <= above - wanted ? below : above;
}

OftRotation::OftRotation(const OftOptions& options, at::Tensor entries)
    : m_options(options)
    , m_entries(entries.requires_grad_())
{
}

at::Tensor OftRotation::forward(const at::Tensor& x,
                                const LinearWeights& /*base*/,
                                const TensorFunction& below) const
{
    return below(turned(x, rotations()));
}

LinearWeights OftRotation::merged(const LinearWeights& /*base*/, const LinearWeights& below) const
{
    return {turned(below.weight, rotations().transpose(1, 2)), below.bias};
}

/// Each row of x [n, in], block by block, times the matrices [blocks or 1, size, size].
at::Tensor OftRotation::turned(const at::Tensor& x, const at::Tensor& matrices) const
{
    const at::Tensor split = x.reshape({x.size(0), m_options.blocks, 1, m_options.size});
    return split.matmul(matrices.unsqueeze(0)).reshape(x.sizes());
}

at::Tensor OftRotation::skewSymmetric() const
{
    const at::Tensor above =
        at::triu_indices(m_options.size, m_options.size, 1, m_entries.options().dtype(at::kLong));
    const at::Tensor flat = above[0] * m_options.size + above[1];
    const at::Tensor upper =
        at::zeros({m_entries.size(0), m_options.size * m_options.size}, m_entries.options())
            .index_copy(1, flat, m_entries)
            .view({-1, m_options.size, m_options.size});
    const at::Tensor Q = upper - upper.transpose(1, 2);
    if (m_options.bound <= 0.0)
        return Q;
    // Q within the bound, but with the gradient of Q itself: as if it had been there before.
    return Q + Q.detach() * (shrinkage().unsqueeze(2) - 1.0);
}

/// What each block has to be multiplied by, [blocks or 1, 1].
at::Tensor OftRotation::shrinkage() const
{
    const double most = m_options.bound / std::sqrt(static_cast<double>(m_entries.size(0)));
    const at::Tensor norms = m_entries.detach().norm(2, {1}, true) * std::sqrt(2.0); // of Q
    return (most / norms).clamp_max(1.0);
}

void OftRotation::constrain() const
{
    if (m_options.bound > 0.0)
        m_entries.detach().mul_(shrinkage());
}

at::Tensor OftRotation::rotations() const
{
    const at::Tensor Q = skewSymmetric();
    const at::Tensor one = at::eye(m_options.size, m_entries.options()).expand_as(Q);
    return m_options.usesSeries ? series(one, Q)
                                : at::linalg_solve(one + Q, one - Q, /*left=*/false);
}

at::Tensor OftRotation::series(const at::Tensor& one, const at::Tensor& Q) const
{
    if (m_options.terms < 2)
        return one;
    at::Tensor R = one + 2.0 * Q;
    if (m_options.terms == 2)
        return R;
    at::Tensor power = Q.bmm(Q);
    R = R + 2.0 * power;
    for (std::int64_t i = 3; i < m_options.terms - 1; ++i) {
        power = power.bmm(Q);
        R = R + 2.0 * power;
    }
    return R + power.bmm(Q);
}

AdapterParts oftParts(const std::vector<PlacedRotation>& placed)
{
    AdapterParts parts;
    for (const PlacedRotation& one : placed)
        parts.changes.push_back({one.info, one.rotation});
    parts.beforeUpdate = [placed](const TrainingMoment&) {
        for (const PlacedRotation& one : placed)
            one.rotation->constrain();
    };
    return parts;
}

} // namespace tw
