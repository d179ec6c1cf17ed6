// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/lycoris_dropout.h"
#include "core/model/hooks.h"

#include <array>

namespace tw {

/// LoHa (Hyeon-Woo et al. 2022, FedPara, proposition 1): delta = scale (A1 B1) * (A2 B2), entry by
/// entry.
class LohaDelta final : public WeightDelta
{
public:
    /// A1 and A2 [out, rank], B1 and B2 [rank, in], in the order A1, B1, A2, B2; all are made to
    /// require gradients.
    LohaDelta(std::array<at::Tensor, 4> factors, double scale, LycorisDropout dropout);

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;

private:
    std::array<at::Tensor, 4> m_factors;
    double m_scale;
    LycorisDropout m_dropout;
};

} // namespace tw
