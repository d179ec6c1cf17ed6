// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/module_pattern.h"
#include "core/model/site.h"

#include <optional>
#include <string>
#include <vector>

namespace tw {

/// Numbers for single layers as people write them: "attn.q=16, down_proj=4". Left of the sign
/// stands a kind of site, or a regular expression for the end of module names, as in PEFT's
/// rank_pattern. The first that fits counts.
class SitePatterns
{
public:
    /// Throws Error that quotes the part that cannot be read. An empty text holds no number.
    explicit SitePatterns(const std::string& text);

    std::optional<double> find(const SiteInfo& info) const;
    /// The left sides that fit none of these layers.
    std::vector<std::string> unused(const std::vector<SiteInfo>& layers) const;

private:
    struct Entry
    {
        std::string text;
        std::optional<SiteKind> kind;
        std::optional<ModulePattern> module; ///< where it is no kind
        double number = 0.0;

        bool fits(const SiteInfo& info) const;
    };

    static Entry read(const std::string& part);

    std::vector<Entry> m_entries;
};

} // namespace tw
