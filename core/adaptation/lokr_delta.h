// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/lycoris_dropout.h"
#include "core/model/hooks.h"

#include <cstdint>
#include <vector>

namespace tw {

/// Sizes of one of the two matrices of a Kronecker product.
struct LokrSizes
{
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    bool isWhole = true; ///< one matrix; else it is itself a product of low rank

    /// Scalars in it, as PEFT counts: with factors of this rank where it is not whole.
    std::int64_t count(std::int64_t rank) const;
};

/// How a layer's matrix [out, in] is split: W1 is [out1, in1] and W2 [out2, in2] with
/// out = out1 out2 and in = in1 in2.
struct LokrSplit
{
    LokrSizes first;
    LokrSizes second;
};
struct LokrRule
{
    std::int64_t rank = 8;
    std::int64_t factor = -1; ///< size of the first matrix where it divides; -1: near the root
    bool decomposesBoth = false;
};
LokrSplit lokrSplit(std::int64_t out, std::int64_t in, const LokrRule& rule);

/// One of the two: a matrix [rows, columns], or [rows, rank] and [rank, columns].
struct KroneckerFactor
{
    std::vector<at::Tensor> parts;

    at::Tensor matrix() const;
};

/// LoKr (Yeh et al. 2024, LyCORIS): delta = scale W1 (x) W2, a Kronecker product.
class LokrDelta final : public WeightDelta
{
public:
    /// All tensors are made to require gradients.
    LokrDelta(KroneckerFactor first, KroneckerFactor second, double scale, LycorisDropout dropout);

    at::Tensor apply(const at::Tensor& x) const override; // never makes the [out, in] matrix
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;

private:
    KroneckerFactor m_first;
    KroneckerFactor m_second;
    double m_scale;
    LycorisDropout m_dropout;
};

} // namespace tw
