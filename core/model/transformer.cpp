// SPDX-License-Identifier: Apache-2.0
#include "core/model/transformer.h"

#include "core/base/error.h"
#include "core/model/virtual_rows.h"

#include <ATen/ATen.h>

#include <set>

namespace tw {

const Linear& linearAt(Site site, const std::vector<const Stack*>& stacks)
{
    std::set<SiteKind> kinds;
    std::set<std::int32_t> layers;
    for (const Stack* stack : stacks) {
        if (const Linear* found = stack->find(site))
            return *found;
        for (const SiteInfo& info : stack->sites())
            if (info.isLinear) {
                kinds.insert(info.site.kind);
                layers.insert(info.site.layer);
            }
    }
    std::string known;
    for (const SiteKind kind : kinds)
        known += (known.empty() ? "" : ", ") + std::string(siteId(kind));
    throw Error("The model has no linear layer at " + std::string(siteId(site.kind)) + " of layer "
                    + std::to_string(site.layer) + ".",
                "Its layers are " + layersText({layers.begin(), layers.end()})
                    + "; the linear sites are " + known + ".");
}

HiddenChanges& changesAt(const SiteInfo& place, const std::vector<Stack*>& stacks)
{
    for (Stack* stack : stacks)
        if (HiddenChanges* found = stack->changesAt(place))
            return *found;
    throw Error("The model has no place for a change of hidden states at " + place.module + ".",
                "Hidden states can be changed at norm1, norm2, attn.out, mlp.out and block.out of "
                "its layers, and behind the final norm.");
}

Transformer::Transformer(const ModelConfig& config,
                         const ModuleNames& names,
                         WeightSource& weights,
                         const MakeHead& makeHead)
    : m_config(config)
    , m_embedding(config, names, weights)
    , m_stack(config, names, weights)
{
    m_sites = m_embedding.sites();
    m_sites.insert(m_sites.end(), m_stack.sites().begin(), m_stack.sites().end());
    m_sites.push_back({{SiteKind::Prompt, -1},
                       "prompt",
                       config.embeddingWidth(),
                       2 * config.layers * config.keyWidth(),
                       false,
                       false});
    if (names.has(SiteKind::HeadProject) && config.embeddingWidth() != config.hiddenSize)
        takeProjectOut(names, weights);
    if (config.task == ModelTask::CausalLm)
        takeLmHead(names, weights);
    const std::int64_t width = m_projectOut.defined() ? m_projectOut.size(0) : config.hiddenSize;
    const std::size_t below = weights.taken().size();
    m_head = makeHead(config, {m_lmHead, m_embedding.tokens().weight, width}, weights);
    m_headWeights = takenBehind(weights, below);
    const auto headSites = m_head->sites();
    m_sites.insert(m_sites.end(), headSites.begin(), headSites.end());
    m_weights = weights.taken();
}

void Transformer::takeProjectOut(const ModuleNames& names, WeightSource& weights)
{
    const std::int64_t width = m_config.embeddingWidth();
    const std::string module = names.at({SiteKind::HeadProject, -1});
    m_projectOut = weights.take(module + ".weight", {width, m_config.hiddenSize});
    m_sites.push_back({{SiteKind::HeadProject, -1}, module, m_config.hiddenSize, width, false});
}

void Transformer::takeLmHead(const ModuleNames& names, WeightSource& weights)
{
    const std::int64_t width = m_config.embeddingWidth();
    const std::string module = names.at({SiteKind::Head, -1});
    m_sites.push_back({{SiteKind::Head, -1}, module, width, m_config.vocabularySize, false});
    m_lmHead.weight = m_config.tiesHead
        ? m_embedding.tokens().weight
        : weights.take(module + ".weight", {m_config.vocabularySize, width});
    m_sites.back().hasWeight = !m_config.tiesHead;
    m_sites.back().hasBias = m_config.hasHeadBias;
    if (m_config.hasHeadBias)
        m_lmHead.bias = weights.take(module + ".bias", {m_config.vocabularySize});
    m_lmHead.scale = m_config.logitScale;
    m_lmHead.cap = m_config.logitCap;
}

const Linear& Transformer::linear(Site site) const
{
    if (site.kind == SiteKind::Head && m_lmHead.weight.defined())
        return m_lmHead;
    if (const Linear* inHead = m_head->find(site))
        return *inHead;
    return linearAt(site, {&m_stack});
}

Linear& Transformer::linear(Site site)
{
    return const_cast<Linear&>(std::as_const(*this).linear(site));
}

HiddenChanges& Transformer::hiddenChanges(const SiteInfo& place)
{
    return changesAt(place, {&m_stack});
}

at::Tensor Transformer::projectedOut(const at::Tensor& hidden) const
{
    return m_projectOut.defined() ? at::linear(hidden, m_projectOut) : hidden;
}

void Transformer::setVirtualTokens(std::shared_ptr<const VirtualTokens> tokens)
{
    m_virtualTokens = std::move(tokens);
}

at::Tensor Transformer::hidden(const PackedInput& input) const
{
    const VirtualRows rows(input, m_virtualTokens.get());
    const PackedInput& read = rows.input();
    const at::Tensor x = m_embedding.forward(rows);
    const at::Tensor y =
        m_stack.forward(x, {read.positions, read.starts, {}, {}, {}, &rows, read.sight});
    return projectedOut(rows.asked(y));
}

Tensors Transformer::forward(const Tensors& inputs) const
{
    PaddedRows rows(inputs, m_config);
    if (m_config.relative)
        rows.checkNoHoles();
    if (m_virtualTokens != nullptr && m_virtualTokens->embeddings().defined()
        && m_config.task == ModelTask::CausalLm)
        rows.showVirtualTokens(m_virtualTokens->count());
    return m_head->outputs(hidden(rows.packed()), rows);
}

LmHead Transformer::head() const
{
    if (!m_lmHead.weight.defined())
        refuseText();
    return m_lmHead.withoutChanges();
}

at::Tensor Transformer::logits(const at::Tensor& hidden) const
{
    if (m_lmHead.weight.defined())
        return m_lmHead.logits(hidden);
    const at::Tensor restored = m_head->tokenLogits(hidden);
    if (!restored.defined())
        refuseText();
    return restored;
}

std::unique_ptr<KvCache> Transformer::newCache(std::int64_t capacity) const
{
    if (!m_lmHead.weight.defined())
        refuseText();
    return std::make_unique<LayeredCache>(m_config, capacity);
}

at::Tensor Transformer::readBehind(const std::vector<NewTokens>& texts) const
{
    const std::vector<LayeredCache*> caches = layeredCaches(texts);
    const VirtualTokens* before = nullptr;
    if (m_virtualTokens != nullptr && caches.front()->length() == 0) {
        if (m_virtualTokens->embeddings().defined())
            before = m_virtualTokens.get();
        else
            for (LayeredCache* cache : caches)
                cache->writePrefix(*m_virtualTokens);
    }
    PackedInput packed = packedBehind(texts);
    if (m_virtualTokens != nullptr) // of a cache's places, those that count no positions
        packed.positions =
            packed.positions - (m_virtualTokens->count() - m_virtualTokens->positions());
    const VirtualRows rows(packed, before);
    const at::Tensor x = m_embedding.forward(rows);
    const PackedInput& read = rows.input();
    return projectedOut(rows.asked(
        m_stack.forwardCached(x, {read.positions, read.starts, {}, {}, {}, nullptr}, caches)));
}

at::Tensor Transformer::readOne(const NewTokens& text) const
{
    if (m_config.rope.kind != "longrope")
        return readBehind({text});
    // Beyond the original context all frequencies are others: what was read is read again.
    auto& held = dynamic_cast<LayeredCache&>(*text.cache);
    const auto count = static_cast<std::int64_t>(text.ids.size());
    const std::int64_t original = m_config.rope.originalContext;
    held.ids.insert(held.ids.end(), text.ids.begin(), text.ids.end());
    if (held.length() == 0 || held.length() > original || held.length() + count <= original)
        return readBehind({text});
    held.restart();
    const at::Tensor all = readBehind({{held.ids, &held}});
    return all.narrow(0, all.size(0) - count, count);
}

at::Tensor Transformer::hiddenBehind(const std::vector<NewTokens>& texts) const
{
    const at::NoGradGuard noGradients;
    // There the frequencies follow from a text's length: texts of several lengths share no table.
    // Virtual tokens stand before those that begin, and before no others.
    const bool isAlone = m_config.rope.kind == "longrope" || m_config.rope.kind == "dynamic"
        || m_virtualTokens != nullptr;
    if (!isAlone)
        return readBehind(texts);
    std::vector<at::Tensor> all;
    for (const NewTokens& text : texts)
        all.push_back(readOne(text));
    return at::cat(all);
}

} // namespace tw
