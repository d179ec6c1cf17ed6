// SPDX-License-Identifier: Apache-2.0
#include "core/model/stack_parts.h"

#include <ATen/ATen.h>

namespace tw {

std::vector<at::Tensor>
normed(const Norm& norm, const at::Tensor& x, const std::vector<const Linear*>& layers)
{
    if (norm.isDefined() && norm.isRms())
        return normedLinears(x, norm.factors(), norm.epsilon(), layers);
    return linears(norm.forward(x), layers);
}

namespace {

at::Tensor
withChanges(const HiddenChanges& changes, const at::Tensor& output, const PartStates& part)
{
    at::Tensor y = output;
    for (const auto& change : changes)
        y = change->forward(y, part);
    return y;
}

} // namespace

const Norm& Stack::Block::norm(SiteKind kind) const
{
    static const Norm kNone;
    const auto it = norms.find(kind);
    return it == norms.end() ? kNone : it->second;
}

bool Stack::Block::isChanged(SiteKind kind) const
{
    const auto it = changes.find(kind);
    return it != changes.end() && !it->second.empty();
}

at::Tensor
Stack::Block::changed(SiteKind kind, const at::Tensor& output, const PartStates& part) const
{
    return isChanged(kind) ? withChanges(changes.at(kind), output, part) : output;
}

at::Tensor Stack::Block::normed(SiteKind kind, const at::Tensor& x) const
{
    return changed(kind, norm(kind).forward(x));
}

at::Tensor Stack::Block::scaled(const at::Tensor& x, SiteKind kind) const
{
    const auto it = scales.find(kind);
    return it == scales.end() ? x : x * it->second;
}

const Norm& Stack::normBefore(const Block& block, SiteKind kind) const
{
    static const Norm kNone;
    return m_config.normPlace == NormPlace::AfterSum ? kNone : block.norm(kind);
}

at::Tensor Stack::partInput(const Block& block, SiteKind norm, const at::Tensor& x) const
{
    return normBefore(block, norm).isDefined() ? block.normed(norm, x) : x;
}

std::vector<at::Tensor> Stack::firstLayers(const Block& block,
                                           SiteKind norm,
                                           const at::Tensor& x,
                                           const std::vector<const Linear*>& layers) const
{
    const Norm& before = normBefore(block, norm);
    if (before.isDefined() && block.isChanged(norm))
        return linears(block.normed(norm, x), layers);
    return tw::normed(before, x, layers);
}

at::Tensor Stack::behindSum(const Block& block, SiteKind norm, const at::Tensor& sum) const
{
    return m_config.normPlace == NormPlace::AfterSum ? block.normed(norm, sum) : sum;
}

at::Tensor Stack::added(const Block& block,
                        const at::Tensor& residual,
                        SiteKind layer,
                        const at::Tensor& x,
                        const at::Tensor& from) const
{
    const bool isAttention = layer == SiteKind::AttnO;
    const SiteKind after = isAttention ? SiteKind::Norm1Out : SiteKind::Norm2Out;
    const SiteKind end = isAttention ? SiteKind::AttnOut : SiteKind::MlpOut;
    const bool hasAfter = block.norm(after).isDefined();
    if (!hasAfter && block.scales.empty() && !block.isChanged(end))
        return linearAdd(residual, block.linear(layer), x);
    const at::Tensor part = block.scaled(block.linear(layer).forward(x),
                                         isAttention ? SiteKind::AttnScale : SiteKind::MlpScale);
    const at::Tensor output = hasAfter ? block.normed(after, part) : part;
    if (!block.isChanged(end))
        return residual + output;
    const SiteKind own = isAttention || m_config.sharesNorm ? SiteKind::Norm1 : SiteKind::Norm2;
    PartStates states {partInput(block, own, from), residual, {}};
    if (m_config.normPlace == NormPlace::AfterSum)
        states.normAfter = [&](const at::Tensor& sum) { return behindSum(block, own, sum); };
    return residual + block.changed(end, output, states);
}

at::Tensor
Stack::withAttention(const Block& block, const at::Tensor& x, const at::Tensor& attended) const
{
    return behindSum(block, SiteKind::Norm1, added(block, x, SiteKind::AttnO, attended, x));
}

at::Tensor Stack::withMlp(const Block& block, const at::Tensor& residual, const at::Tensor& x) const
{
    const SiteKind norm = m_config.sharesNorm ? SiteKind::Norm1 : SiteKind::Norm2;
    const Linear& down = block.linear(SiteKind::MlpDown);
    at::Tensor sum;
    if (!m_config.isGated) {
        const at::Tensor up = firstLayers(block, norm, x, {&block.linear(SiteKind::MlpUp)}).front();
        sum = added(block, residual, SiteKind::MlpDown, m_activation(up), x);
    } else {
        std::vector<at::Tensor> parts = m_config.fusesGateUp
            ? firstLayers(block, norm, x, {&block.linear(SiteKind::MlpGateUp)}).front().chunk(2, -1)
            : firstLayers(block, norm, x,
                          {&block.linear(SiteKind::MlpGate), &block.linear(SiteKind::MlpUp)});
        if (m_config.activation == "silu" && block.scales.empty()
            && !block.norm(SiteKind::Norm2Out).isDefined() && !block.isChanged(SiteKind::MlpOut))
            sum = gatedDown(residual, down, parts[0], parts[1]);
        else
            sum = added(block, residual, SiteKind::MlpDown, m_activation(parts[0]) * parts[1], x);
    }
    return block.changed(SiteKind::BlockOut, behindSum(block, SiteKind::Norm2, sum));
}

at::Tensor Stack::behindFinalNorm(const at::Tensor& x) const
{
    return withChanges(m_finalChanges, m_finalNorm.forward(x), {});
}

at::Tensor Stack::forward(const at::Tensor& input, const StackInput& around) const
{
    const Tables tables = tablesFor(around.positions);
    at::Tensor x = input;
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        const Heads heads = headsBehindPrefix(layer, x, tables, around);
        at::Tensor y = withAttention(block, x, attended(layer, heads, tables, around));
        if (m_crossWidth > 0)
            y = withCross(block, y, around);
        x = withMlp(block, y, m_config.isParallel ? x : y);
    }
    return behindFinalNorm(x);
}

at::Tensor Stack::forwardCached(const at::Tensor& input,
                                const StackInput& around,
                                const std::vector<LayeredCache*>& caches) const
{
    const at::NoGradGuard noGradients;
    const Tables tables = tablesFor(around.positions);
    at::Tensor x = input;
    for (std::size_t row = 0; row < caches.size(); ++row)
        caches[row]->reserve(around.starts[row + 1] - around.starts[row]);
    for (std::size_t layer = 0; layer < m_blocks.size(); ++layer) {
        const Block& block = m_blocks[layer];
        at::Tensor y = withAttention(
            block, x, attendedCached(layer, headsOf(block, x), tables, around, caches));
        if (m_crossWidth > 0)
            y = withCrossCached(layer, y, around, caches);
        x = withMlp(block, y, m_config.isParallel ? x : y);
    }
    for (std::size_t row = 0; row < caches.size(); ++row)
        caches[row]->advance(around.starts[row + 1] - around.starts[row]);
    return behindFinalNorm(x);
}

} // namespace tw
