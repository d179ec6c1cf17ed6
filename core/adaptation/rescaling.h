// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

namespace tw {

/// (IA)^3 (Liu et al. 2022): a vector l rescales what a layer gives, y = l * (W x + b).
class RescaledOutput final : public LinearChange
{
public:
    explicit RescaledOutput(at::Tensor l); ///< [out, 1]; is made to require gradients

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override { return {{"ia3_l", m_l}}; }

private:
    at::Tensor m_l;
};

/// Or what it takes, y = W (l * x) + b: in feed-forward layers.
class RescaledInput final : public LinearChange
{
public:
    explicit RescaledInput(at::Tensor l); ///< [1, in]; is made to require gradients

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override { return {{"ia3_l", m_l}}; }

private:
    at::Tensor m_l;
};

} // namespace tw
