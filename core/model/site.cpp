// SPDX-License-Identifier: Apache-2.0
#include "core/model/site.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace tw {
namespace {

struct KindName
{
    SiteKind kind;
    const char* id;
};

constexpr std::array<KindName, 42> kKinds {{{SiteKind::Embed, "embed"},
                                            {SiteKind::EmbedPosition, "embed.position"},
                                            {SiteKind::EmbedType, "embed.type"},
                                            {SiteKind::EmbedNorm, "embed.norm"},
                                            {SiteKind::EmbedRelative, "embed.relative"},
                                            {SiteKind::EmbedRelativeNorm, "embed.relative.norm"},
                                            {SiteKind::EmbedPatch, "embed.patch"},
                                            {SiteKind::EmbedProject, "embed.project"},
                                            {SiteKind::Norm1, "norm1"},
                                            {SiteKind::AttnQkv, "attn.qkv"},
                                            {SiteKind::AttnQ, "attn.q"},
                                            {SiteKind::AttnK, "attn.k"},
                                            {SiteKind::AttnV, "attn.v"},
                                            {SiteKind::AttnPosK, "attn.pos.k"},
                                            {SiteKind::AttnPosQ, "attn.pos.q"},
                                            {SiteKind::AttnQNorm, "attn.q.norm"},
                                            {SiteKind::AttnKNorm, "attn.k.norm"},
                                            {SiteKind::AttnO, "attn.o"},
                                            {SiteKind::AttnOut, "attn.out"},
                                            {SiteKind::AttnScale, "attn.scale"},
                                            {SiteKind::Norm1Out, "norm1.out"},
                                            {SiteKind::CrossNorm, "cross.norm"},
                                            {SiteKind::CrossQ, "cross.q"},
                                            {SiteKind::CrossK, "cross.k"},
                                            {SiteKind::CrossV, "cross.v"},
                                            {SiteKind::CrossO, "cross.o"},
                                            {SiteKind::Norm2, "norm2"},
                                            {SiteKind::MlpGateUp, "mlp.gate_up"},
                                            {SiteKind::MlpGate, "mlp.gate"},
                                            {SiteKind::MlpUp, "mlp.up"},
                                            {SiteKind::MlpDown, "mlp.down"},
                                            {SiteKind::MlpOut, "mlp.out"},
                                            {SiteKind::MlpScale, "mlp.scale"},
                                            {SiteKind::Norm2Out, "norm2.out"},
                                            {SiteKind::BlockOut, "block.out"},
                                            {SiteKind::FinalNorm, "final.norm"},
                                            {SiteKind::HeadProject, "head.project"},
                                            {SiteKind::HeadDense, "head.dense"},
                                            {SiteKind::HeadNorm, "head.norm"},
                                            {SiteKind::Head, "head"},
                                            {SiteKind::HeadBias, "head.bias"},
                                            {SiteKind::Prompt, "prompt"}}};

/// How places outside of the layers are written: a final norm, the head, virtual tokens.
constexpr std::string_view kNoLayer = "-1";
// More layers than any model has; keeps "0-2000000000" from filling the memory.
constexpr std::int32_t kMostLayers = 10000;

std::int32_t layerFrom(std::string_view part, const std::string& text)
{
    std::int32_t layer = -1;
    const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), layer);
    if (code != std::errc() || end != part.data() + part.size() || layer < 0
        || layer >= kMostLayers)
        throw Error("\"" + text + "\" is not a list of layers.",
                    "Write layer numbers from 0 and ranges, separated by commas: 0,4,8-11.");
    return layer;
}

std::pair<std::int32_t, std::int32_t> rangeFrom(std::string_view part, const std::string& text)
{
    const auto dash = part.find('-', 1);
    const std::int32_t first = layerFrom(trimmed(part.substr(0, dash)), text);
    const std::int32_t last =
        dash == std::string_view::npos ? first : layerFrom(trimmed(part.substr(dash + 1)), text);
    if (last < first)
        throw Error("In the list of layers \"" + text + "\" a range runs backwards.",
                    "Write the smaller number first: 8-11.");
    return {first, last};
}

} // namespace

const char* siteId(SiteKind kind)
{
    return kKinds.at(static_cast<std::size_t>(kind)).id;
}

SiteKind siteFrom(const std::string& id)
{
    std::string known;
    for (const KindName& entry : kKinds) {
        if (id == entry.id)
            return entry.kind;
        known += (known.empty() ? "" : ", ") + std::string(entry.id);
    }
    throw Error("There is no site called \"" + id + "\".", "Known: " + known + ".");
}

const std::vector<SiteKind>& linearSites()
{
    static const std::vector<SiteKind> kSites {
        SiteKind::AttnQkv,  SiteKind::AttnQ,    SiteKind::AttnK,   SiteKind::AttnV,
        SiteKind::AttnPosK, SiteKind::AttnPosQ, SiteKind::AttnO,   SiteKind::CrossQ,
        SiteKind::CrossK,   SiteKind::CrossV,   SiteKind::CrossO,  SiteKind::MlpGateUp,
        SiteKind::MlpGate,  SiteKind::MlpUp,    SiteKind::MlpDown, SiteKind::HeadDense};
    return kSites;
}

bool isBehindLayers(SiteKind kind)
{
    return kind == SiteKind::FinalNorm || kind == SiteKind::HeadProject
        || kind == SiteKind::HeadDense || kind == SiteKind::HeadNorm || kind == SiteKind::Head
        || kind == SiteKind::HeadBias;
}

std::string layersText(const std::vector<std::int32_t>& layers)
{
    if (!layers.empty() && layers.front() < 0) // an encoder and its decoder have one each
        return std::string(kNoLayer);
    std::string text;
    for (std::size_t i = 0; i < layers.size();) {
        std::size_t last = i;
        while (last + 1 < layers.size() && layers[last + 1] == layers[last] + 1)
            ++last;
        text += (text.empty() ? "" : ",") + std::to_string(layers[i]);
        if (last > i)
            text += "-" + std::to_string(layers[last]);
        i = last + 1;
    }
    return text;
}

std::vector<std::int32_t> layersFrom(const std::string& text)
{
    std::vector<std::int32_t> layers;
    if (trimmed(text).empty())
        return layers;
    if (trimmed(text) == kNoLayer)
        return {-1};
    for (const std::string& part : split(text, ',')) {
        const auto [first, last] = rangeFrom(trimmed(part), text);
        for (std::int32_t layer = first; layer <= last; ++layer)
            layers.push_back(layer);
    }
    std::sort(layers.begin(), layers.end());
    layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
    return layers;
}

std::int64_t countOf(const SiteSelection& selection)
{
    std::int64_t count = 0;
    for (const auto& [kind, layers] : selection)
        count += static_cast<std::int64_t>(layers.size());
    return count;
}

} // namespace tw
