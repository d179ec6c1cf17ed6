// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/module_names.h"
#include "core/model/norm.h"

namespace tw {

/// Where a family stores what is neither a linear layer nor a norm.
struct PatchNames
{
    std::vector<std::string> tokens; ///< learned tokens that stand before the patches
    std::string positions;
    std::string mask; ///< token of hidden patches, which only pre-training uses; may be missing
    std::vector<std::int64_t> outer; ///< dimensions of size 1 before those of tokens and positions
    bool sharesOuter = true; ///< mask has them as well
};

/// From images to the hidden states that a stack reads: patches, projected one by one, behind
/// learned tokens; learned positions; a norm where the config has one (Dosovitskiy et al. 2021).
class PatchEmbedding
{
public:
    PatchEmbedding(const ModelConfig& config,
                   const ModuleNames& names,
                   const PatchNames& own,
                   WeightSource& weights);

    /// images: [n, channels, height, width] -> [n, tokens, hidden]. Throws Error for another shape
    /// than the config's.
    at::Tensor forward(const at::Tensor& images) const;
    const std::vector<SiteInfo>& sites() const { return m_sites; }

private:
    void checkShape(const at::Tensor& images) const;
    at::Tensor positionsFor(std::int64_t height, std::int64_t width) const;

    Patches m_patches;
    std::vector<SiteInfo> m_sites;
    at::Tensor m_weight; ///< [hidden, channels, size, size]
    at::Tensor m_bias; ///< [hidden], or undefined
    at::Tensor m_tokens; ///< [learned tokens, hidden]
    at::Tensor m_positions; ///< [.., learned tokens + patches, hidden], as the file has it
    Norm m_norm;
};

} // namespace tw
