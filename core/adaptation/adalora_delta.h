// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

namespace tw {

/// PEFT divides by the rank at the start, not by what is kept: alpha / (rank + 1e-5); an alpha of 0
/// stands for the rank that there is.
double adaloraScale(double alpha, std::int64_t firstRank, std::int64_t rank);

/// AdaLoRA (Zhang et al. 2023, equation 3): delta = scale P diag(E) Q.
class AdaloraDelta final : public WeightDelta
{
public:
    /// Q [rank, in], E [rank, 1], P [out, rank]; a rank of 0 is possible. All are made to require
    /// gradients.
    AdaloraDelta(at::Tensor Q, at::Tensor E, at::Tensor P, double scale, double dropout);

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;
    std::optional<LowRank> lowRank() const override;

    const at::Tensor& Q() const { return m_q; }
    const at::Tensor& E() const { return m_e; }
    const at::Tensor& P() const { return m_p; }

private:
    at::Tensor m_q;
    at::Tensor m_e;
    at::Tensor m_p;
    double m_scale;
    double m_dropout;
};

} // namespace tw
