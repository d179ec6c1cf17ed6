// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/rescaling.h"

#include <ATen/ATen.h>

namespace tw {

RescaledOutput::RescaledOutput(at::Tensor l)
    : m_l(l.requires_grad_())
{
}

at::Tensor RescaledOutput::forward(const at::Tensor& x,
                                   const LinearWeights& /*base*/,
                                   const TensorFunction& below) const
{
    return below(x) * m_l.view({-1});
}

LinearWeights RescaledOutput::merged(const LinearWeights& /*base*/,
                                     const LinearWeights& below) const
{
    return {below.weight * m_l, below.bias.defined() ? below.bias * m_l.view({-1}) : below.bias};
}

RescaledInput::RescaledInput(at::Tensor l)
    : m_l(l.requires_grad_())
{
}

at::Tensor RescaledInput::forward(const at::Tensor& x,
                                  const LinearWeights& /*base*/,
                                  const TensorFunction& below) const
{
    return below(x * m_l);
}

LinearWeights RescaledInput::merged(const LinearWeights& /*base*/, const LinearWeights& below) const
{
    return {below.weight * m_l, below.bias};
}

} // namespace tw
