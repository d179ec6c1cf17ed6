// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"
#include "core/model/weight_source.h"

namespace tw {

/// A norm over the last dimension; an undefined one passes its input on.
class Norm
{
public:
    Norm() = default;
    /// The kind, epsilon and offset of the config, over `width` numbers. A layer norm's bias is
    /// taken where the source has one.
    Norm(const ModelConfig& config,
         WeightSource& weights,
         const std::string& module,
         std::int64_t width);

    bool isDefined() const { return weight.defined(); }
    at::Tensor forward(const at::Tensor& x) const; ///< [*, width] -> [*, width]
    /// What an RMS norm multiplies with: its weight, or 1 + weight.
    at::Tensor factors() const { return m_addsOne ? weight + 1.0 : weight; }
    bool isRms() const { return m_kind == NormKind::Rms; }
    double epsilon() const { return m_epsilon; }

    at::Tensor weight; ///< [width]
    at::Tensor bias; ///< [width], or undefined

private:
    NormKind m_kind = NormKind::Rms;
    double m_epsilon = 1e-5;
    bool m_addsOne = false;
};

} // namespace tw
