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
    EmbedPosition, ///< table of learned positions
    EmbedType, ///< table of token types
    EmbedNorm,
    EmbedRelative, ///< table of relative positions, shared by all layers
    EmbedRelativeNorm,
    EmbedPatch, ///< from the pixels of a patch to a token
    EmbedProject, ///< from the embedding's width to the hidden size
    Norm1,
    AttnQkv, ///< q, k and v where they are one matrix
    AttnQ,
    AttnK,
    AttnV,
    AttnPosK, ///< keys of relative positions
    AttnPosQ, ///< queries of relative positions
    AttnQNorm,
    AttnKNorm,
    AttnO,
    AttnOut,
    AttnScale, ///< of what attention adds, number by number
    Norm1Out, ///< of what attention adds
    CrossNorm,
    CrossQ, ///< of attention over the encoder's states
    CrossK,
    CrossV,
    CrossO,
    Norm2,
    MlpGateUp, ///< gate and up where they are one matrix
    MlpGate,
    MlpUp,
    MlpDown,
    MlpOut,
    MlpScale,
    Norm2Out, ///< of what the MLP adds
    BlockOut,
    FinalNorm,
    HeadProject, ///< from the hidden size to the embedding's width
    HeadDense, ///< before the vocabulary, of heads that restore hidden tokens (BERT)
    HeadNorm, ///< behind it
    Head,
    HeadBias, ///< of such a head's vocabulary, whose matrix is the token table
    Prompt
};
const char* siteId(SiteKind kind);
/// Throws Error with the list of known sites.
SiteKind siteFrom(const std::string& id);
/// All kinds with a matrix that a model may have within its layers, and that of a head before its
/// vocabulary, in the order of the grid. Few models have all of them.
const std::vector<SiteKind>& linearSites();
/// Whether it stands behind all layers: the final norm and what a head is made of.
bool isBehindLayers(SiteKind kind);

/// One place: a kind within a layer. layer is -1 for embed, final.norm, head and prompt.
struct Site
{
    SiteKind kind = SiteKind::AttnQ;
    std::int32_t layer = -1;

    auto operator<=>(const Site&) const = default;
};

/// What a model says of one of its sites. Of the place for virtual tokens, in is the width of an
/// embedding and out that of the keys and values of all layers.
struct SiteInfo
{
    Site site;
    std::string module; ///< Hugging Face's module path, "model.layers.0.self_attn.q_proj"
    std::int64_t in = 0;
    std::int64_t out = 0; ///< of a norm and of places without a weight: the hidden size
    bool isLinear = false;
    bool hasWeight = true; ///< a matrix, table or norm of its own; else only a place
    bool hasBias = false;
};

/// Which layers are chosen, per kind. In documents: {"attn.q": "0-29", "mlp.up": "0,4,8-11"}.
using SiteSelection = std::map<SiteKind, std::vector<std::int32_t>>;

std::string layersText(const std::vector<std::int32_t>& layers); ///< "0,4,8-11"; {-1}: "-1"
/// Throws Error where the text is no list of layers.
std::vector<std::int32_t> layersFrom(const std::string& text);
std::int64_t countOf(const SiteSelection& selection);

} // namespace tw
