// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// A token that is looked for in the text before it is split: "<|im_end|>".
struct AddedToken
{
    std::string content;
    std::uint32_t id = 0;
    bool isSpecial = false; ///< left out when decoding without special tokens
    bool isNormalized = false; ///< looked for in the normalised text
    bool isSingleWord = false; ///< not inside a word
    bool stripsLeft = false; ///< takes the blanks before it
    bool stripsRight = false; ///< takes the blanks behind it
};

/// Finds added tokens: from left to right, the longest at each place.
class AddedTokenFinder
{
public:
    struct Segment
    {
        std::size_t begin = 0;
        std::size_t end = 0;
        const AddedToken* token = nullptr; ///< nullptr: text between tokens
    };

    /// `contents` are what is looked for, one for each token (its normalised form, say).
    AddedTokenFinder() = default;
    AddedTokenFinder(std::vector<AddedToken> tokens, const std::vector<std::string>& contents);

    bool isEmpty() const { return m_tokens.empty(); }
    /// Cuts text into tokens and what lies between; text between is never empty.
    void split(std::string_view text, std::vector<Segment>& segments) const;

private:
    struct Node
    {
        std::int32_t token = -1;
        std::uint32_t child = 0; ///< 0: none
        std::uint32_t sibling = 0;
        char byte = 0;
    };
    std::uint32_t childOf(std::uint32_t node, char byte) const;
    /// The longest token that begins at `at`; nullptr where there is none.
    const AddedToken* longestAt(std::string_view text, std::size_t at, std::size_t& end) const;

    std::vector<AddedToken> m_tokens;
    std::vector<Node> m_nodes;
    std::array<bool, 256>
        m_begins {}; ///< bytes that a token begins with: most texts are passed over by this alone
};

} // namespace tw
