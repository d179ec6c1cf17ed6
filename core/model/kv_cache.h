// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <map>
#include <utility>

namespace tw {

/// Tokens that a cache of a text to be written has room for at first; it grows.
constexpr std::int64_t kFirstRoom = 512;

/// Keys (rotated) and values per layer, each [capacity, kvHeads, headSize]; the buffers grow when
/// they are full.
class LayeredCache final : public KvCache
{
public:
    LayeredCache(const ModelConfig& config, std::int64_t capacity);

    std::int64_t length() const override { return m_length; }
    std::unique_ptr<KvCache> clone() const override;

    /// Makes room for count more positions.
    void reserve(std::int64_t count);
    /// Writes k, v [n, kvHeads, headSize] behind what is held; advance() makes them count.
    void write(std::size_t layer, const at::Tensor& k, const at::Tensor& v);
    void advance(std::int64_t count) { m_length += count; }
    /// Forgets what was read. What it was stays in ids.
    void restart() { m_length = 0; }
    std::vector<std::int64_t> ids; ///< that were read, where the model remembers them
    /// Lets an empty cache begin with the keys and values of a prefix.
    void writePrefix(const VirtualTokens& prefix);
    at::Tensor keys(std::size_t layer, std::int64_t first, std::int64_t count) const;
    at::Tensor values(std::size_t layer, std::int64_t first, std::int64_t count) const;
    std::size_t layers() const { return m_keys.size(); }

    /// Keys and values of cross-attention [m, kvHeads, headSize], made once for a text.
    bool hasCross(std::size_t layer) const { return m_cross.contains(layer); }
    void setCross(std::size_t layer, const at::Tensor& k, const at::Tensor& v);
    const at::Tensor& crossKeys(std::size_t layer) const { return m_cross.at(layer).first; }
    const at::Tensor& crossValues(std::size_t layer) const { return m_cross.at(layer).second; }

private:
    std::vector<at::Tensor> m_keys;
    std::vector<at::Tensor> m_values;
    std::map<std::size_t, std::pair<at::Tensor, at::Tensor>> m_cross;
    std::int64_t m_length = 0;
};

/// The new tokens of all texts, with the positions that follow from their caches.
PackedInput packedBehind(const std::vector<NewTokens>& texts);
std::vector<LayeredCache*> layeredCaches(const std::vector<NewTokens>& texts);

} // namespace tw
