// SPDX-License-Identifier: Apache-2.0
// How a stack asks for its weights. What a block has follows from the config and from the names
// that the family knows.

#include "core/model/activation.h"
#include "core/model/stack.h"

#include <ATen/ATen.h>

namespace tw {

void Stack::addLinear(
    Block& block, SiteKind kind, std::int64_t in, std::int64_t out, WeightSource& weights)
{
    const std::string module = m_names.at(site(kind));
    at::Tensor weight = m_config.storesTransposed ? weights.take(module + ".weight", {in, out}).t()
                                                  : weights.take(module + ".weight", {out, in});
    const bool isOutput = kind == SiteKind::AttnO || kind == SiteKind::CrossO;
    const bool isMlp = kind == SiteKind::MlpGateUp || kind == SiteKind::MlpGate
        || kind == SiteKind::MlpUp || kind == SiteKind::MlpDown;
    const bool hasBias = isOutput ? m_config.hasOutputBias
        : isMlp                   ? m_config.hasMlpBias
                                  : m_config.hasQkvBias;
    at::Tensor bias = hasBias ? weights.take(module + ".bias", {out}) : at::Tensor();
    m_sites.push_back({site(kind), module, in, out, true, true, hasBias});
    block.linears.emplace(kind, Linear(std::move(weight), std::move(bias)));
}

void Stack::addNorm(Block& block, SiteKind kind, std::int64_t width, WeightSource& weights)
{
    const std::string module = m_names.at(site(kind));
    block.norms.emplace(kind, Norm(m_config, weights, module, width));
    if (width == m_config.hiddenSize && kind != SiteKind::CrossNorm)
        block.changes[kind] = {};
    m_sites.push_back(
        {site(kind), module, width, width, false, true, block.norms.at(kind).bias.defined()});
}

void Stack::addPlace(Block& block, SiteKind kind)
{
    // Some families have no module that ends there: BERT's MLP is two layers of the block.
    const std::string module = m_names.has(kind)
        ? m_names.at(site(kind))
        : "layers." + std::to_string(m_building) + "." + siteId(kind);
    block.changes[kind] = {};
    const std::int64_t width = m_config.hiddenSize;
    m_sites.push_back({site(kind), module, width, width, false, false});
}

void Stack::addScale(Block& block, SiteKind kind, WeightSource& weights)
{
    if (!m_config.hasLayerScale)
        return;
    const std::string name = m_names.at(site(kind));
    block.scales.emplace(kind, weights.take(name, {m_config.hiddenSize}));
    m_sites.push_back({site(kind), name, m_config.hiddenSize, m_config.hiddenSize, false});
}

void Stack::addAttention(Block& block, WeightSource& weights)
{
    const ModelConfig& c = m_config;
    if (c.qkv == QkvLayout::Separate) {
        addLinear(block, SiteKind::AttnQ, c.hiddenSize, c.queryWidth(), weights);
        addLinear(block, SiteKind::AttnK, c.hiddenSize, c.keyWidth(), weights);
        addLinear(block, SiteKind::AttnV, c.hiddenSize, c.keyWidth(), weights);
    } else {
        addLinear(block, SiteKind::AttnQkv, c.hiddenSize, c.queryWidth() + 2 * c.keyWidth(),
                  weights);
    }
    if (c.disentangled && !c.disentangled->sharesProjections) {
        if (c.disentangled->hasKeys)
            addLinear(block, SiteKind::AttnPosK, c.hiddenSize, c.queryWidth(), weights);
        if (c.disentangled->hasQueries)
            addLinear(block, SiteKind::AttnPosQ, c.hiddenSize, c.queryWidth(), weights);
    }
    if (c.qkNorm != QkNorm::None) {
        const bool isWhole = c.qkNorm == QkNorm::Whole;
        addNorm(block, SiteKind::AttnQNorm, isWhole ? c.queryWidth() : c.headSize, weights);
        addNorm(block, SiteKind::AttnKNorm, isWhole ? c.keyWidth() : c.headSize, weights);
    }
    addLinear(block, SiteKind::AttnO, c.queryWidth(), c.hiddenSize, weights);
    addPlace(block, SiteKind::AttnOut);
    addScale(block, SiteKind::AttnScale, weights);
}

void Stack::addCross(Block& block, WeightSource& weights)
{
    const ModelConfig& c = m_config;
    addNorm(block, SiteKind::CrossNorm, c.hiddenSize, weights);
    addLinear(block, SiteKind::CrossQ, c.hiddenSize, c.queryWidth(), weights);
    addLinear(block, SiteKind::CrossK, m_crossWidth, c.keyWidth(), weights);
    addLinear(block, SiteKind::CrossV, m_crossWidth, c.keyWidth(), weights);
    addLinear(block, SiteKind::CrossO, c.queryWidth(), c.hiddenSize, weights);
}

void Stack::addMlp(Block& block, WeightSource& weights)
{
    const ModelConfig& c = m_config;
    if (c.isGated && c.fusesGateUp) {
        addLinear(block, SiteKind::MlpGateUp, c.hiddenSize, 2 * c.intermediateSize, weights);
    } else {
        if (c.isGated)
            addLinear(block, SiteKind::MlpGate, c.hiddenSize, c.intermediateSize, weights);
        addLinear(block, SiteKind::MlpUp, c.hiddenSize, c.intermediateSize, weights);
    }
    addLinear(block, SiteKind::MlpDown, c.intermediateSize, c.hiddenSize, weights);
    addPlace(block, SiteKind::MlpOut);
    addScale(block, SiteKind::MlpScale, weights);
}

void Stack::takeRelative(WeightSource& weights)
{
    m_building = -1;
    const std::int64_t rows = 2 * m_config.disentangled->span;
    const std::int64_t d = m_config.hiddenSize;
    const std::string module = m_names.at(site(SiteKind::EmbedRelative));
    m_relative = weights.take(module + ".weight", {rows, d});
    m_sites.push_back({site(SiteKind::EmbedRelative), module, rows, d, false});
    if (!m_config.disentangled->hasNorm)
        return;
    const std::string norm = m_names.at(site(SiteKind::EmbedRelativeNorm));
    m_relativeNorm = Norm(m_config, weights, norm, d);
    m_sites.push_back({site(SiteKind::EmbedRelativeNorm), norm, d, d, false, true,
                       m_relativeNorm.bias.defined()});
}

void Stack::takeBuckets(WeightSource& weights)
{
    m_building = -1;
    const std::string module = m_names.at(site(SiteKind::EmbedRelative));
    const std::int64_t rows = m_config.relative->buckets;
    m_relative = weights.take(module + ".weight", {rows, m_config.heads});
    m_sites.push_back({site(SiteKind::EmbedRelative), module, rows, m_config.heads, false});
}

Stack::Stack(const ModelConfig& config,
             const ModuleNames& names,
             WeightSource& weights,
             std::int64_t crossWidth)
    : m_config(config)
    , m_names(names)
    , m_activation(activationFrom(config.activation))
    , m_crossWidth(crossWidth)
    , m_firstLayer(names.firstLayer())
{
    const bool hasOwnNorms = config.normPlace != NormPlace::AfterPart;
    const bool hasOutNorms =
        config.normPlace == NormPlace::AfterPart || config.normPlace == NormPlace::Around;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        m_building = m_firstLayer + static_cast<std::int32_t>(layer);
        Block block;
        if (hasOwnNorms)
            addNorm(block, SiteKind::Norm1, config.hiddenSize, weights);
        addAttention(block, weights);
        if (hasOutNorms)
            addNorm(block, SiteKind::Norm1Out, config.hiddenSize, weights);
        if (crossWidth > 0)
            addCross(block, weights);
        if (hasOwnNorms && !config.sharesNorm)
            addNorm(block, SiteKind::Norm2, config.hiddenSize, weights);
        addMlp(block, weights);
        if (hasOutNorms)
            addNorm(block, SiteKind::Norm2Out, config.hiddenSize, weights);
        addPlace(block, SiteKind::BlockOut);
        m_blocks.push_back(std::move(block));
    }
    if (config.disentangled)
        takeRelative(weights);
    if (config.relative)
        takeBuckets(weights);
    if (config.hasFinalNorm) {
        m_building = -1;
        const std::string module = m_names.at(site(SiteKind::FinalNorm));
        m_finalNorm = Norm(config, weights, module, config.hiddenSize);
        m_sites.push_back({site(SiteKind::FinalNorm), module, config.hiddenSize, config.hiddenSize,
                           false, true, m_finalNorm.bias.defined()});
    }
}

const Linear* Stack::find(Site site) const
{
    const std::int64_t layer = site.layer - m_firstLayer;
    if (layer < 0 || layer >= static_cast<std::int64_t>(m_blocks.size()))
        return nullptr;
    const auto& linears = m_blocks[static_cast<std::size_t>(layer)].linears;
    const auto it = linears.find(site.kind);
    return it == linears.end() ? nullptr : &it->second;
}

HiddenChanges* Stack::changesAt(const SiteInfo& place)
{
    if (place.site.kind == SiteKind::FinalNorm) // an encoder and its decoder have one each
        return m_finalNorm.isDefined() && m_names.at(place.site) == place.module ? &m_finalChanges
                                                                                 : nullptr;
    const std::int64_t layer = place.site.layer - m_firstLayer;
    if (layer < 0 || layer >= static_cast<std::int64_t>(m_blocks.size()))
        return nullptr;
    auto& changes = m_blocks[static_cast<std::size_t>(layer)].changes;
    const auto it = changes.find(place.site.kind);
    return it == changes.end() ? nullptr : &it->second;
}

} // namespace tw
