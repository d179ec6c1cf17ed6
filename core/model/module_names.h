// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/site.h"

#include <map>
#include <string>

namespace tw {

/// Hugging Face's module paths of a family's sites; "{}" stands for the layer:
/// {SiteKind::AttnQ, "model.layers.{}.self_attn.q_proj"}. A family without a site leaves it out.
class ModuleNames
{
public:
    ModuleNames() = default;
    ModuleNames(std::map<SiteKind, std::string> paths);

    bool has(SiteKind kind) const { return m_paths.contains(kind); }
    /// Throws Error where the family has no such site.
    std::string at(Site site) const;
    /// With other paths for some kinds.
    ModuleNames with(const std::map<SiteKind, std::string>& paths) const;
    /// Without a prefix that all paths share ("model."): what a class like LlamaModel stores.
    ModuleNames without(const std::string& prefix) const;
    /// Where the layers of one stack follow those of another: its layer 0 is Site layer `first`.
    ModuleNames startingAt(std::int32_t first) const;
    std::int32_t firstLayer() const { return m_first; }

private:
    std::map<SiteKind, std::string> m_paths;
    std::int32_t m_first = 0;
};

} // namespace tw
