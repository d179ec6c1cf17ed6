// SPDX-License-Identifier: Apache-2.0
#include "core/model/norm.h"

#include "core/model/kernels.h"

#include <ATen/ATen.h>

namespace tw {

Norm::Norm(const ModelConfig& config,
           WeightSource& weights,
           const std::string& module,
           std::int64_t width)
    : weight(weights.take(module + ".weight", {width}))
    , m_kind(config.norm)
    , m_epsilon(config.normEpsilon)
    , m_addsOne(config.addsOneToNorm)
{
    if (m_kind == NormKind::Layer && weights.has(module + ".bias"))
        bias = weights.take(module + ".bias", {width});
}

at::Tensor Norm::forward(const at::Tensor& x) const
{
    if (!isDefined())
        return x;
    if (m_kind == NormKind::Rms)
        return rmsNorm(x.reshape({-1, weight.size(0)}), factors(), m_epsilon).view(x.sizes());
    return at::layer_norm(x, weight.sizes(), weight, bias, m_epsilon);
}

} // namespace tw
