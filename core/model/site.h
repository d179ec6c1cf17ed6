// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tw {

/// A kind of place where an adaptation can attach. The id is what documents and the grid show
/// ("attn.q").
enum class SiteKind
{
    Embed,
    Norm1,
    AttnQ,
    AttnK,
    AttnV,
    AttnO,
    AttnOut,
    Norm2,
    MlpGate,
    MlpUp,
    MlpDown,
    MlpOut,
    BlockOut,
    FinalNorm,
    Head,
    Prompt
};
const char* siteId(SiteKind kind);
/// Throws Error with the list of known sites.
SiteKind siteFrom(const std::string& id);
const std::vector<SiteKind>& linearSites(); ///< attn.q ... mlp.down, in the order of the grid

/// One place: a kind within a layer. layer is -1 for embed, final.norm, head and prompt.
struct Site
{
    SiteKind kind = SiteKind::AttnQ;
    std::int32_t layer = -1;

    auto operator<=>(const Site&) const = default;
};

/// What a model says of one of its sites.
struct SiteInfo
{
    Site site;
    std::string module; ///< Hugging Face's module path, "model.layers.0.self_attn.q_proj"
    std::int64_t in = 0;
    std::int64_t out = 0;
    bool isLinear = false;
};

/// Which layers are chosen, per kind. In documents: {"attn.q": "0-29", "mlp.up": "0,4,8-11"}.
using SiteSelection = std::map<SiteKind, std::vector<std::int32_t>>;

std::string layersText(const std::vector<std::int32_t>& layers); ///< "0,4,8-11"
/// Throws Error where the text is no list of layers.
std::vector<std::int32_t> layersFrom(const std::string& text);
std::int64_t countOf(const SiteSelection& selection);

} // namespace tw
