// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"

#include <cstdint>

namespace tw {

/// How OFT turns the input of a layer.
struct OftOptions
{
    std::int64_t size = 0; ///< of a block
    std::int64_t blocks = 0;
    bool isShared = false; ///< one block stored for all
    bool usesSeries = true;
    std::int64_t terms = 5;
    double bound = 0.0; ///< on |Q| of all blocks together (COFT); 0: none

    std::int64_t storedBlocks() const { return isShared ? 1 : blocks; }
    /// Stored numbers of a block: those above the diagonal.
    std::int64_t entries() const { return size * (size - 1) / 2; }
};

/// The divisor of whole that lies closest to wanted; of two the smaller one. Both from 1.
std::int64_t nearestDivisor(std::int64_t whole, std::int64_t wanted);

/// OFT (Qiu et al. 2023; the input-centric form of 2025): y = W R^T x with a rotation R of blocks
/// along the diagonal. Each block comes from a skew-symmetric Q, of which the entries above the
/// diagonal are stored row by row: by Cayley's map, R = (I - Q)(I + Q)^-1, or by n terms of the
/// series of (I + Q)(I - Q)^-1 as PEFT sums them:
///     R = I + 2 Q + 2 Q^2 + ... + 2 Q^(n-2) + Q^(n-1)
/// The two turn in opposite directions; that is how PEFT has it.
class OftRotation final : public LinearChange
{
public:
    /// entries: [storedBlocks(), entries()]; is made to require gradients.
    OftRotation(const OftOptions& options, at::Tensor entries);

    at::Tensor forward(const at::Tensor& x,
                       const LinearWeights& base,
                       const TensorFunction& below) const override;
    LinearWeights merged(const LinearWeights& base, const LinearWeights& below) const override;
    NamedTensors trainable() const override { return {{"oft_R.weight", m_entries}}; }
    /// Brings entries beyond the bound back to it, in place.
    void constrain() const;

private:
    at::Tensor shrinkage() const;
    at::Tensor turned(const at::Tensor& x, const at::Tensor& matrices) const;
    at::Tensor skewSymmetric() const;
    at::Tensor rotations() const;
    at::Tensor series(const at::Tensor& one, const at::Tensor& Q) const;

    OftOptions m_options;
    at::Tensor m_entries;
};

struct PlacedRotation
{
    SiteInfo info;
    std::shared_ptr<const OftRotation> rotation;
};
/// They, laid over their layers. Constrained ones take each step from within their bound, as in
/// PEFT.
AdapterParts oftParts(const std::vector<PlacedRotation>& placed);

} // namespace tw
