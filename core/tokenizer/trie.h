// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace tw {

/// Finds all keys that a text begins with, in one walk over its bytes. A node's children stand side
/// by side, sorted by byte: 12 bytes for each node.
class Trie
{
public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    using Entry = std::pair<std::string_view, std::uint32_t>; ///< key and value

    Trie() = default;
    /// Of equal keys the last one counts; empty keys are left out.
    explicit Trie(std::vector<Entry> entries);

    /// The node that `path` leads to from the root, or kNone.
    std::uint32_t nodeAt(std::string_view path) const;
    std::uint32_t valueAt(std::uint32_t node) const { return m_nodes[node].value; }
    /// The child of a node, or kNone.
    std::uint32_t step(std::uint32_t node, char byte) const;
    /// Calls visit(length, value) for each key that text begins with, the shortest first; `node` is
    /// where to begin.
    template <typename Visit>
    void forPrefixes(std::string_view text, std::uint32_t node, Visit visit) const
    {
        for (std::size_t i = 0; i < text.size(); ++i) {
            node = step(node, text[i]);
            if (node == kNone)
                return;
            if (m_nodes[node].value != kNone)
                visit(i + 1, m_nodes[node].value);
        }
    }

private:
    struct Node
    {
        std::uint32_t firstChild = 0;
        std::uint32_t value = kNone;
        std::uint16_t children = 0;
        unsigned char byte = 0;
    };
    std::vector<Node> m_nodes {Node {}};
};

} // namespace tw
