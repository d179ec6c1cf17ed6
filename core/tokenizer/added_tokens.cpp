// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/added_tokens.h"

#include "core/tokenizer/code_points.h"

#include <algorithm>

namespace tw {
namespace {

bool isInsideWord(std::string_view text, std::size_t begin, std::size_t end)
{
    return (begin > 0 && isWordPoint(pointAt(text, pointBefore(text, begin))))
        || (end < text.size() && isWordPoint(pointAt(text, end)));
}

std::size_t blanksBefore(std::string_view text, std::size_t at)
{
    while (at > 0 && isBlank(pointAt(text, pointBefore(text, at))))
        at = pointBefore(text, at);
    return at;
}

std::size_t blanksBehind(std::string_view text, std::size_t at)
{
    while (at < text.size() && isBlank(pointAt(text, at)))
        at += pointLength(text[at]);
    return at;
}

} // namespace

AddedTokenFinder::AddedTokenFinder(std::vector<AddedToken> tokens,
                                   const std::vector<std::string>& contents)
    : m_tokens(std::move(tokens))
    , m_nodes(1)
{
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
        const std::string& content = contents[i];
        if (content.empty())
            continue;
        m_begins[static_cast<unsigned char>(content.front())] = true;
        std::uint32_t node = 0;
        for (const char byte : content) {
            std::uint32_t next = childOf(node, byte);
            if (next == 0) {
                next = static_cast<std::uint32_t>(m_nodes.size());
                m_nodes.push_back({-1, 0, m_nodes[node].child, byte});
                m_nodes[node].child = next;
            }
            node = next;
        }
        if (m_nodes[node].token < 0)
            m_nodes[node].token = static_cast<std::int32_t>(i);
    }
}

std::uint32_t AddedTokenFinder::childOf(std::uint32_t node, char byte) const
{
    std::uint32_t child = m_nodes[node].child;
    while (child != 0 && m_nodes[child].byte != byte)
        child = m_nodes[child].sibling;
    return child;
}

const AddedToken*
AddedTokenFinder::longestAt(std::string_view text, std::size_t at, std::size_t& end) const
{
    const AddedToken* found = nullptr;
    std::uint32_t node = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        node = childOf(node, text[i]);
        if (node == 0)
            break;
        if (m_nodes[node].token >= 0) {
            found = &m_tokens[static_cast<std::size_t>(m_nodes[node].token)];
            end = i + 1;
        }
    }
    return found;
}

void AddedTokenFinder::split(std::string_view text, std::vector<Segment>& segments) const
{
    segments.clear();
    std::size_t done = 0; // up to here the text is in a segment
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = 0;
        const AddedToken* const token =
            m_begins[static_cast<unsigned char>(text[at])] ? longestAt(text, at, end) : nullptr;
        if (token == nullptr) {
            ++at;
            continue;
        }
        std::size_t begin = at;
        at = end; // the search goes on here even where the token takes blanks behind it: so does
                  // the reference's
        if (token->isSingleWord && isInsideWord(text, begin, end))
            continue;
        if (token->stripsLeft)
            begin = std::max(blanksBefore(text, begin), done);
        if (token->stripsRight)
            end = blanksBehind(text, end);
        if (done < begin)
            segments.push_back({done, begin, nullptr});
        segments.push_back({begin, end, token});
        done = end;
    }
    if (done < text.size())
        segments.push_back({done, text.size(), nullptr});
}

} // namespace tw
