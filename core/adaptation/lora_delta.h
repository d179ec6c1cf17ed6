// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

namespace tw {

/// LoRA (Hu et al. 2021): delta(x) = scale B A x.
class LoraDelta final : public WeightDelta
{
public:
    /// A [rank, in], B [out, rank]; both are made to require gradients.
    LoraDelta(at::Tensor A, at::Tensor B, double scale, double dropout);

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;
    std::optional<LowRank> lowRank() const override { return m_factors; }

private:
    LowRank m_factors;
};

/// LoRA whose B has a bias of its own: delta(x) = scale (B A x + b). PEFT: lora_bias.
class BiasedLora final : public LinearChange
{
public:
    /// factors as above; bias [out].
    BiasedLora(LowRank factors, at::Tensor bias);

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override;

private:
    LoraDelta m_delta;
    double m_scale;
    at::Tensor m_bias;
};

/// LoRA on the embedding: row i gets scale A[:, i]^T B^T added.
class LoraTable final : public TableChange
{
public:
    /// A [rank, vocabulary], B [hidden, rank].
    LoraTable(at::Tensor A, at::Tensor B, double scale);

    at::Tensor
    rows(const at::Tensor& ids, const at::Tensor& base, const TensorFunction& below) const override;
    at::Tensor merged(const at::Tensor& base, const at::Tensor& below) const override;
    NamedTensors trainable() const override;

private:
    at::Tensor m_A;
    at::Tensor m_B;
    double m_scale;
};

} // namespace tw
