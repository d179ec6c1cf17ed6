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

const Norm& Stack::Block::norm(SiteKind kind) const
{
    static const Norm kNone;
    const auto it = norms.find(kind);
    return it == norms.end() ? kNone : it->second;
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

at::Tensor Stack::added(const Block& block,
                        const at::Tensor& residual,
                        SiteKind layer,
                        const at::Tensor& x) const
{
    const bool isAttention = layer == SiteKind::AttnO;
    const Norm& after = block.norm(isAttention ? SiteKind::Norm1Out : SiteKind::Norm2Out);
    if (!after.isDefined() && block.scales.empty())
        return linearAdd(residual, block.linear(layer), x);
    const at::Tensor part = block.scaled(block.linear(layer).forward(x),
                                         isAttention ? SiteKind::AttnScale : SiteKind::MlpScale);
    return residual + after.forward(part);
}

at::Tensor
Stack::withAttention(const Block& block, const at::Tensor& x, const at::Tensor& attended) const
{
    const at::Tensor sum = added(block, x, SiteKind::AttnO, attended);
    return m_config.normPlace == NormPlace::AfterSum ? block.norm(SiteKind::Norm1).forward(sum)
                                                     : sum;
}

at::Tensor Stack::withMlp(const Block& block, const at::Tensor& residual, const at::Tensor& x) const
{
    const Norm& before = normBefore(block, m_config.sharesNorm ? SiteKind::Norm1 : SiteKind::Norm2);
    const Linear& down = block.linear(SiteKind::MlpDown);
    at::Tensor sum;
    if (!m_config.isGated) {
        const at::Tensor up = normed(before, x, {&block.linear(SiteKind::MlpUp)}).front();
        sum = added(block, residual, SiteKind::MlpDown, m_activation(up));
    } else {
        std::vector<at::Tensor> parts = m_config.fusesGateUp
            ? normed(before, x, {&block.linear(SiteKind::MlpGateUp)}).front().chunk(2, -1)
            : normed(before, x, {&block.linear(SiteKind::MlpGate), &block.linear(SiteKind::MlpUp)});
        if (m_config.activation == "silu" && block.scales.empty()
            && !block.norm(SiteKind::Norm2Out).isDefined())
            sum = gatedDown(residual, down, parts[0], parts[1]);
        else
            sum = added(block, residual, SiteKind::MlpDown, m_activation(parts[0]) * parts[1]);
    }
    return m_config.normPlace == NormPlace::AfterSum ? block.norm(SiteKind::Norm2).forward(sum)
                                                     : sum;
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
    return m_finalNorm.forward(x);
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
    return m_finalNorm.forward(x);
}

} // namespace tw
