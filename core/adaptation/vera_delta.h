// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/hooks.h"
#include "core/model/site.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

/// Under which names PEFT stores the matrices that all layers share.
inline constexpr const char* kVeraA = "base_model.vera_A";
inline constexpr const char* kVeraB = "base_model.vera_B";

/// Sizes of the shared matrices: as wide as the widest layer.
struct VeraSizes
{
    std::int64_t rank = 0;
    std::int64_t in = 0;
    std::int64_t out = 0;
};
VeraSizes veraSizes(const std::vector<SiteInfo>& layers, std::int64_t rank);

/// Random, frozen, and shared by all layers.
struct VeraProjections
{
    at::Tensor A; ///< [rank, widest input]
    at::Tensor B; ///< [widest output, rank]
};
/// Uniform within sqrt(6 / columns) (He et al. 2015), A before B, by LibTorch's generator with this
/// seed: the numbers that PEFT draws from projection_prng_key.
VeraProjections drawVeraProjections(const VeraSizes& sizes, std::int64_t seed);

/// VeRA (Kopiczko et al. 2024, equation 2): delta = diag(b) B diag(d) A; only the vectors b and d
/// are trained.
class VeraDelta final : public WeightDelta
{
public:
    /// d [rank], b [out of the layer]; both are made to require gradients. dropout: of x, only
    /// while training.
    VeraDelta(const VeraProjections& shared,
              const SiteInfo& layer,
              at::Tensor d,
              at::Tensor b,
              double dropout);

    at::Tensor apply(const at::Tensor& x) const override;
    at::Tensor matrix() const override;
    NamedTensors trainable() const override;

private:
    at::Tensor m_A; ///< [rank, in]
    at::Tensor m_B; ///< [out, rank]
    at::Tensor m_d;
    at::Tensor m_b;
    double m_dropout;
};

} // namespace tw
