// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/trie.h"

#include <algorithm>

namespace tw {
namespace {

constexpr std::uint16_t kFew = 8; // children that are looked through one by one

/// The entries [begin, end) whose keys begin with the first `depth` bytes that lead to a node.
struct Span
{
    std::uint32_t node = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t depth = 0;
};

} // namespace

Trie::Trie(std::vector<Entry> entries)
{
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.first < b.first; });
    std::vector<Span> spans {{0, 0, entries.size(), 0}};
    for (std::size_t next = 0; next < spans.size(); ++next) {
        const Span span = spans[next];
        std::size_t at = span.begin;
        for (; at < span.end && entries[at].first.size() == span.depth; ++at)
            if (span.depth > 0)
                m_nodes[span.node].value = entries[at].second;
        m_nodes[span.node].firstChild = static_cast<std::uint32_t>(m_nodes.size());
        while (at < span.end) {
            const char byte = entries[at].first[span.depth];
            std::size_t end = at + 1;
            while (end < span.end && entries[end].first[span.depth] == byte)
                ++end;
            Node child;
            child.byte = static_cast<unsigned char>(byte);
            spans.push_back({static_cast<std::uint32_t>(m_nodes.size()), at, end, span.depth + 1});
            m_nodes.push_back(child);
            ++m_nodes[span.node].children;
            at = end;
        }
        if (next > 4096) { // what is done needs no room
            spans.erase(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(next) + 1);
            next = static_cast<std::size_t>(-1);
        }
    }
    m_nodes.shrink_to_fit();
}

std::uint32_t Trie::step(std::uint32_t node, char byte) const
{
    const Node& parent = m_nodes[node];
    const auto wanted = static_cast<unsigned char>(byte);
    const Node* const first = m_nodes.data() + parent.firstChild;
    const Node* const last = first + parent.children;
    const Node* const child = parent.children <= kFew
        ? std::find_if(first, last, [&](const Node& n) { return n.byte >= wanted; })
        : std::lower_bound(first, last, wanted,
                           [](const Node& n, unsigned char b) { return n.byte < b; });
    return child != last && child->byte == wanted
        ? static_cast<std::uint32_t>(child - m_nodes.data())
        : kNone;
}

std::uint32_t Trie::nodeAt(std::string_view path) const
{
    std::uint32_t node = 0;
    for (const char byte : path) {
        node = step(node, byte);
        if (node == kNone)
            break;
    }
    return node;
}

} // namespace tw
