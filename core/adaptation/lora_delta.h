// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"

#include <memory>

namespace tw {

/// alpha / rank, or alpha / sqrt(rank) (rank-stabilised LoRA, Kalajdzievski 2023).
double loraScale(double alpha, std::int64_t rank, bool isStabilised);

/// A [rank, in] and B [out, rank].
struct LoraFactors
{
    at::Tensor A;
    at::Tensor B;
};

/// All tensors of a LoRA of one layer.
struct LoraTensors
{
    LowRank factors;
    /// What A and B began with, where that was a change and the layer is to begin without one: the
    /// delta is then what was added, scale (B A - start.B start.A). Undefined otherwise.
    LoraFactors start = {};
    at::Tensor magnitude = {}; ///< of DoRA [out], or undefined
    at::Tensor bias = {}; ///< behind B [out], or undefined
};
/// The change that they make.
std::shared_ptr<const LinearChange> loraChange(LoraTensors tensors);

/// LoRA (Hu et al. 2021): delta(x) = scale B A x.
class LoraDelta final : public WeightDelta
{
public:
    /// A [rank, in], B [out, rank]; both are made to require gradients. start: as in LoraTensors.
    /// As in PEFT, whose base lacks what A and B began with, dropout does not act on that.
    LoraDelta(at::Tensor A, at::Tensor B, double scale, double dropout, LoraFactors start = {});

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;
    std::optional<LowRank> lowRank() const override;

private:
    LowRank m_factors;
    LoraFactors m_start;
};

/// LoRA whose B has a bias of its own: delta(x) = scale (B A x + b). PEFT: lora_bias.
class BiasedLora final : public LinearChange
{
public:
    /// factors and start as above; bias [out].
    BiasedLora(LowRank factors, at::Tensor bias, LoraFactors start = {});

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
