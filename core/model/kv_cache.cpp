// SPDX-License-Identifier: Apache-2.0
#include "core/model/kv_cache.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace tw {
namespace {

void grow(std::vector<at::Tensor>& buffers, std::int64_t length, std::int64_t capacity)
{
    for (at::Tensor& buffer : buffers) {
        at::Tensor larger = at::empty({capacity, buffer.size(1), buffer.size(2)}, buffer.options());
        larger.narrow(0, 0, length).copy_(buffer.narrow(0, 0, length));
        buffer = larger;
    }
}

} // namespace

LayeredCache::LayeredCache(const ModelConfig& config, std::int64_t capacity)
{
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        m_keys.push_back(at::empty(
            {std::max<std::int64_t>(capacity, 1), config.kvHeads, config.headSize}, at::kFloat));
        m_values.push_back(at::empty_like(m_keys.back()));
    }
}

std::unique_ptr<KvCache> LayeredCache::clone() const
{
    auto copy = std::make_unique<LayeredCache>(*this);
    const std::int64_t capacity = m_keys.front().size(0);
    grow(copy->m_keys, m_length, capacity);
    grow(copy->m_values, m_length, capacity);
    return copy;
}

void LayeredCache::reserve(std::int64_t count)
{
    const std::int64_t capacity = m_keys.front().size(0);
    if (m_length + count <= capacity)
        return;
    const std::int64_t wanted = std::max(m_length + count, 2 * capacity);
    grow(m_keys, m_length, wanted);
    grow(m_values, m_length, wanted);
}

void LayeredCache::write(std::size_t layer, const at::Tensor& k, const at::Tensor& v)
{
    m_keys.at(layer).narrow(0, m_length, k.size(0)).copy_(k);
    m_values.at(layer).narrow(0, m_length, v.size(0)).copy_(v);
}

void LayeredCache::setCross(std::size_t layer, const at::Tensor& k, const at::Tensor& v)
{
    m_cross[layer] = {k, v};
}

void LayeredCache::writePrefix(const VirtualTokens& prefix)
{
    const at::NoGradGuard noGradients;
    reserve(prefix.count());
    for (std::size_t layer = 0; layer < m_keys.size(); ++layer) {
        const auto [k, v] = prefix.keysAndValues(layer);
        const std::vector<std::int64_t> shape {prefix.count(), m_keys[layer].size(1),
                                               m_keys[layer].size(2)};
        write(layer, k.view(shape), v.view(shape));
    }
    advance(prefix.count());
}

at::Tensor LayeredCache::keys(std::size_t layer, std::int64_t first, std::int64_t count) const
{
    return m_keys.at(layer).narrow(0, first, count);
}

at::Tensor LayeredCache::values(std::size_t layer, std::int64_t first, std::int64_t count) const
{
    return m_values.at(layer).narrow(0, first, count);
}

PackedInput packedBehind(const std::vector<NewTokens>& texts)
{
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> starts {0};
    for (const NewTokens& text : texts) {
        ids.insert(ids.end(), text.ids.begin(), text.ids.end());
        for (std::size_t i = 0; i < text.ids.size(); ++i)
            positions.push_back(text.cache->length() + static_cast<std::int64_t>(i));
        starts.push_back(static_cast<std::int64_t>(ids.size()));
    }
    return {at::tensor(ids, at::kLong), at::tensor(positions, at::kLong), starts};
}

std::vector<LayeredCache*> layeredCaches(const std::vector<NewTokens>& texts)
{
    std::vector<LayeredCache*> caches;
    for (const NewTokens& text : texts)
        caches.push_back(&dynamic_cast<LayeredCache&>(*text.cache));
    return caches;
}

} // namespace tw
