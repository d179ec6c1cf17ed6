// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/lora_delta.h"
#include "core/adaptation/remembered.h"

namespace tw {

/// DoRA (Liu et al. 2024): W' = m (W + s B A) / |W + s B A|, with a norm and a trained magnitude m
/// for each row of the [out, in] matrix (the paper's columns). The norm counts as a constant for
/// gradients (section 4.3).
class DoraChange final : public LinearChange
{
public:
    /// factors and start: as LoRA's (W is then W - s B0 A0); magnitude [out].
    DoraChange(LowRank factors, at::Tensor magnitude, LoraFactors start = {});

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override;

private:
    at::Tensor gain(const at::Tensor& weight) const; ///< m / |W + s B A| [out]

    LowRank m_factors;
    at::Tensor m_magnitude;
    LoraFactors m_start;
    Remembered m_gain; ///< it takes as long as a whole matrix of its own would
};

/// DoRA on the embedding [vocabulary, hidden]: a norm and a magnitude for each of its columns.
class DoraTable final : public TableChange
{
public:
    /// A [rank, vocabulary], B [hidden, rank], magnitude [hidden].
    DoraTable(LowRank factors, at::Tensor magnitude);

    at::Tensor
    rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const override;
    at::Tensor merged(const at::Tensor& base, const at::Tensor& below) const override;
    NamedTensors trainable() const override;

private:
    at::Tensor delta() const; ///< [vocabulary, hidden]
    at::Tensor gain(const at::Tensor& table) const; ///< [hidden]

    LowRank m_factors;
    at::Tensor m_magnitude;
    Remembered m_gain; ///< it takes as long as a whole matrix of its own would
};

} // namespace tw
