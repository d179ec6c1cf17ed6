// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/module_names.h"
#include "core/model/norm.h"
#include "core/model/virtual_rows.h"

namespace tw {

/// From token ids to the hidden states that a stack reads: tokens, learned positions, token types,
/// a norm and a projection, as far as the config has them.
class TextEmbedding
{
public:
    TextEmbedding() = default;
    TextEmbedding(const ModelConfig& config, const ModuleNames& names, WeightSource& weights);

    /// What rows.input() says, virtual embeddings in their places -> [T, hidden]. Throws Error for
    /// ids, types and positions that the tables do not have.
    at::Tensor forward(const VirtualRows& rows) const;
    Embedding& tokens() { return m_tokens; } ///< [vocabulary, embedding width]
    const std::vector<SiteInfo>& sites() const { return m_sites; }

private:
    static at::Tensor noisy(const at::Tensor& x, const PackedInput& input);
    void addSite(SiteKind kind, const ModuleNames& names, std::int64_t in, std::int64_t out);

    std::vector<SiteInfo> m_sites;
    double m_scale = 1.0;
    std::int64_t m_offset = 0;
    bool m_projectsSum = false;
    bool m_normsProjected = false;
    bool m_scalesLookup = false; ///< the table's own rows are scaled, virtual ones are not
    Embedding m_tokens;
    at::Tensor m_positions; ///< [context + offset, hidden], or undefined
    at::Tensor m_types; ///< [types, hidden], or undefined
    at::Tensor m_project; ///< [hidden, embedding width], or undefined
    at::Tensor m_projectBias;
    Norm m_norm;
};

} // namespace tw
