// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"
#include "core/model/rotary.h"

namespace tw {

/// A packed batch with room for the virtual tokens before each row. Where there are none,
/// everything passes through as it is.
///
/// Keys and values of a prefix take the places of tokens too: those are computed like any others,
/// their keys and values are then overwritten, and nobody asks for their outputs. With some ten
/// virtual tokens before a row that costs less than attention over two sources would.
class VirtualRows
{
public:
    /// tokens may be nullptr. Both have to outlive this.
    VirtualRows(const PackedInput& input, const VirtualTokens* tokens);

    /// What the model reads: id 0 in the places of virtual tokens, the others moved on by their
    /// positions. A prefix's places are at position 0, where rotating changes nothing.
    const PackedInput& input() const { return m_tokens == nullptr ? m_given : m_read; }
    /// x [T, hidden], the embeddings of input().ids, with the virtual ones in their places.
    at::Tensor embedded(const at::Tensor& x) const;
    /// Puts a prefix's keys and values into k, v [T, kvHeads * headSize] of a layer. table: of
    /// input().positions, by which the layer turns its keys afterwards.
    void putPrefix(std::size_t layer,
                   const RotaryTable& table,
                   std::int64_t headSize,
                   at::Tensor& k,
                   at::Tensor& v) const;
    /// The rows of hidden [T, hidden] that were asked for.
    at::Tensor asked(const at::Tensor& hidden) const;

private:
    at::Tensor put(const at::Tensor& into, const at::Tensor& values) const;

    const PackedInput& m_given;
    const VirtualTokens* m_tokens;
    PackedInput m_read;
    at::Tensor m_virtualPlaces; ///< [rows * count]
    at::Tensor m_givenPlaces; ///< [tokens]
};

} // namespace tw
