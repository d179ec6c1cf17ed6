// SPDX-License-Identifier: Apache-2.0
// The attention of a stack's blocks: over their own tokens and over an encoder's.

#include "core/model/alibi.h"
#include "core/model/disentangled.h"
#include "core/model/relative_buckets.h"
#include "core/model/stack_parts.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

RotaryTable rowsOf(const RotaryTable& table, std::int64_t first, std::int64_t count)
{
    if (!table.cosines.defined())
        return {};
    return {table.cosines.narrow(0, first, count), table.sines.narrow(0, first, count)};
}

/// Row `row` of all [T, heads * headSize]: [tokens, heads, headSize].
at::Tensor headsOfRow(const at::Tensor& all,
                      const std::vector<std::int64_t>& starts,
                      std::size_t row,
                      std::int64_t heads)
{
    const std::int64_t count = starts[row + 1] - starts[row];
    return all.narrow(0, starts[row], count).reshape({count, heads, all.size(1) / heads});
}

} // namespace

AttentionShape Stack::shapeOf(std::size_t layer) const
{
    AttentionShape shape {m_config.heads,
                          m_config.kvHeads,
                          m_config.headSize,
                          m_config.windowOf(static_cast<std::int64_t>(layer)),
                          m_config.attentionScale.value_or(0.0),
                          m_config.isCausal};
    if (m_config.dividesScaleByLayer)
        shape.scale = shape.factor() / static_cast<double>(layer + 1);
    return shape;
}

AttentionShape Stack::crossShape() const
{
    return {m_config.heads,
            m_config.kvHeads,
            m_config.headSize,
            std::nullopt,
            m_config.attentionScale.value_or(0.0),
            false};
}

ScoreOptions
Stack::scoresOf(const Block& block, const Tables& tables, const StackInput& input) const
{
    if (const auto& settings = m_config.disentangled) {
        const bool isShared = settings->sharesProjections;
        const auto layer = [&](bool has, SiteKind shared, SiteKind own) {
            return has ? &block.linear(isShared ? shared : own) : nullptr;
        };
        return {disentangledBias(*settings, m_relativeNorm.forward(m_relative),
                                 layer(settings->hasKeys, SiteKind::AttnK, SiteKind::AttnPosK),
                                 layer(settings->hasQueries, SiteKind::AttnQ, SiteKind::AttnPosQ)),
                m_config.attentionCap};
    }
    return {tables.bias ? tables.bias : input.bias, m_config.attentionCap};
}

Stack::Tables Stack::tablesFor(const at::Tensor& positions) const
{
    if (m_config.positions == Positions::Alibi)
        return {{}, {}, alibi(m_config)};
    if (m_config.relative)
        return {{}, {}, bucketBias(*m_config.relative, m_relative, m_config.isCausal)};
    if (m_config.positions != Positions::Rotary)
        return {};
    const std::int64_t length =
        positions.numel() == 0 ? 0 : positions.max().item<std::int64_t>() + 1;
    Tables tables {
        rotaryTable(rotaryFrequencies(m_config, length), positions, rotaryScale(m_config)), {}, {}};
    if (m_config.localRopeTheta)
        tables.local = rotaryTable(localFrequencies(m_config), positions);
    return tables;
}

const RotaryTable& Stack::tableOf(std::size_t layer, const Tables& tables) const
{
    const bool isLocal =
        m_config.localRopeTheta && m_config.windowOf(static_cast<std::int64_t>(layer));
    return isLocal ? tables.local : tables.all;
}

Stack::Heads Stack::headsOf(const Block& block, const at::Tensor& x) const
{
    Heads heads;
    if (m_config.qkv == QkvLayout::Separate) {
        const auto parts =
            firstLayers(block, SiteKind::Norm1, x,
                        {&block.linear(SiteKind::AttnQ), &block.linear(SiteKind::AttnK),
                         &block.linear(SiteKind::AttnV)});
        heads = {parts[0], parts[1], parts[2]};
    } else {
        const at::Tensor all =
            firstLayers(block, SiteKind::Norm1, x, {&block.linear(SiteKind::AttnQkv)}).front();
        heads = m_config.qkv == QkvLayout::Stacked ? stacked(all) : grouped(all);
    }
    if (m_config.qkNorm != QkNorm::None) {
        const auto each = [&](const at::Tensor& rows, SiteKind kind) {
            const Norm& own = block.norm(kind);
            return own.forward(rows.reshape({-1, own.weight.size(0)})).view(rows.sizes());
        };
        heads.q = each(heads.q, SiteKind::AttnQNorm);
        heads.k = each(heads.k, SiteKind::AttnKNorm);
    }
    return heads;
}

Stack::Heads Stack::headsBehindPrefix(std::size_t layer,
                                      const at::Tensor& x,
                                      const Tables& tables,
                                      const StackInput& input) const
{
    Heads heads = headsOf(m_blocks[layer], x);
    if (input.virtualRows != nullptr)
        input.virtualRows->putPrefix(layer, tableOf(layer, tables), m_config.headSize, heads.k,
                                     heads.v);
    return heads;
}

Stack::Heads Stack::stacked(const at::Tensor& all) const
{
    const std::int64_t q = m_config.queryWidth();
    const std::int64_t k = m_config.keyWidth();
    return {all.narrow(1, 0, q), all.narrow(1, q, k), all.narrow(1, q + k, k)};
}

Stack::Heads Stack::grouped(const at::Tensor& all) const
{
    const std::int64_t group = m_config.heads / m_config.kvHeads;
    const at::Tensor parts =
        all.view({all.size(0), m_config.kvHeads, group + 2, m_config.headSize});
    const auto part = [&](std::int64_t first, std::int64_t count) {
        return parts.narrow(2, first, count).reshape({all.size(0), -1});
    };
    return {part(0, group), part(group, 1), part(group + 1, 1)};
}

at::Tensor Stack::attended(std::size_t layer,
                           const Heads& heads,
                           const Tables& tables,
                           const StackInput& input) const
{
    const AttentionShape shape = shapeOf(layer);
    ScoreOptions scores = scoresOf(m_blocks[layer], tables, input);
    const RotaryTable& table = tableOf(layer, tables);
    if (!scores.bias && scores.cap == 0.0)
        return attention(heads.q, heads.k, heads.v, table, input.starts, shape, input.sight);
    std::vector<at::Tensor> rows;
    for (std::size_t row = 0; row + 1 < input.starts.size(); ++row) {
        const std::int64_t first = input.starts[row];
        const std::int64_t count = input.starts[row + 1] - first;
        if (count == 0)
            continue;
        const RotaryTable turn = rowsOf(table, first, count);
        if (!input.sight.prefixes.empty())
            scores.prefix = input.sight.prefixes.at(row);
        if (input.sight.unseen.defined())
            scores.unseen = input.sight.unseen.narrow(0, first, count);
        const auto part = [&](const at::Tensor& all, std::int64_t each) {
            return all.narrow(0, first, count).reshape({count, each, shape.headSize});
        };
        rows.push_back(rowAttention(rotated(part(heads.q, shape.heads), turn),
                                    rotated(part(heads.k, shape.kvHeads), turn),
                                    part(heads.v, shape.kvHeads), shape, scores));
    }
    return at::cat(rows);
}

at::Tensor Stack::attendedCached(std::size_t layer,
                                 const Heads& heads,
                                 const Tables& tables,
                                 const StackInput& input,
                                 const std::vector<LayeredCache*>& caches) const
{
    const AttentionShape shape = shapeOf(layer);
    const ScoreOptions scores = scoresOf(m_blocks[layer], tables, input);
    const RotaryTable& table = tableOf(layer, tables);
    const std::int64_t all = heads.q.size(0);
    const at::Tensor q = rotated(heads.q.reshape({all, shape.heads, shape.headSize}), table);
    const at::Tensor k = rotated(heads.k.reshape({all, shape.kvHeads, shape.headSize}), table);
    const at::Tensor v = heads.v.reshape({all, shape.kvHeads, shape.headSize});
    const bool isNext = !scores.bias && scores.cap == 0.0
        && all == static_cast<std::int64_t>(caches.size()); // one token of each text
    std::vector<at::Tensor> rows;
    std::vector<SeenKeys> texts;
    for (std::size_t row = 0; row < caches.size(); ++row) {
        LayeredCache& cache = *caches[row];
        const std::int64_t start = input.starts[row];
        const std::int64_t count = input.starts[row + 1] - start;
        // Keys that no new token sees need not be touched.
        const std::int64_t first =
            shape.window ? std::max<std::int64_t>(0, cache.length() + 1 - *shape.window) : 0;
        const std::int64_t seen = cache.length() + count - first;
        cache.write(layer, k.narrow(0, start, count), v.narrow(0, start, count));
        const SeenKeys text {cache.keys(layer, first, seen), cache.values(layer, first, seen)};
        if (isNext)
            texts.push_back(text);
        else
            rows.push_back(
                rowAttention(q.narrow(0, start, count), text.keys, text.values, shape, scores));
    }
    if (isNext)
        return nextAttention(q, texts, shape);
    return rows.size() == 1 ? rows.front() : at::cat(rows);
}

at::Tensor Stack::withCross(const Block& block, const at::Tensor& x, const StackInput& input) const
{
    const AttentionShape shape = crossShape();
    const at::Tensor q =
        normed(block.norm(SiteKind::CrossNorm), x, {&block.linear(SiteKind::CrossQ)}).front();
    const auto keys =
        linears(input.encoded, {&block.linear(SiteKind::CrossK), &block.linear(SiteKind::CrossV)});
    std::vector<at::Tensor> rows;
    for (std::size_t row = 0; row + 1 < input.starts.size(); ++row)
        rows.push_back(rowAttention(headsOfRow(q, input.starts, row, shape.heads),
                                    headsOfRow(keys[0], input.encodedStarts, row, shape.kvHeads),
                                    headsOfRow(keys[1], input.encodedStarts, row, shape.kvHeads),
                                    shape));
    return linearAdd(x, block.linear(SiteKind::CrossO), at::cat(rows));
}

void Stack::readEncoded(const at::Tensor& encoded, LayeredCache& cache) const
{
    const at::NoGradGuard noGradients;
    const std::vector<std::int64_t> starts {0, encoded.size(0)};
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        const auto keys =
            linears(encoded, {&block.linear(SiteKind::CrossK), &block.linear(SiteKind::CrossV)});
        cache.setCross(layer, headsOfRow(keys[0], starts, 0, m_config.kvHeads),
                       headsOfRow(keys[1], starts, 0, m_config.kvHeads));
    }
}

at::Tensor Stack::withCrossCached(std::size_t layer,
                                  const at::Tensor& x,
                                  const StackInput& input,
                                  const std::vector<LayeredCache*>& caches) const
{
    const Block& block = m_blocks[layer];
    const AttentionShape shape = crossShape();
    const at::Tensor q =
        normed(block.norm(SiteKind::CrossNorm), x, {&block.linear(SiteKind::CrossQ)}).front();
    std::vector<at::Tensor> rows;
    for (std::size_t row = 0; row < caches.size(); ++row)
        rows.push_back(rowAttention(headsOfRow(q, input.starts, row, shape.heads),
                                    caches[row]->crossKeys(layer), caches[row]->crossValues(layer),
                                    shape));
    return linearAdd(x, block.linear(SiteKind::CrossO), at::cat(rows));
}

} // namespace tw
