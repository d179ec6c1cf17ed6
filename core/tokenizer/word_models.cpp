// SPDX-License-Identifier: Apache-2.0
// WordPiece and WordLevel.
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/trie.h"

#include <algorithm>

namespace tw {
namespace {

Trie trieOf(const Vocabulary& vocabulary)
{
    std::vector<Trie::Entry> entries;
    entries.reserve(vocabulary.size());
    vocabulary.forEach(
        [&](std::string_view text, std::uint32_t id) { entries.emplace_back(text, id); });
    return Trie(std::move(entries));
}

class WordPiece final : public TokenModel
{
public:
    WordPiece(Vocabulary vocabulary, WordPieceOptions options)
        : TokenModel(std::move(vocabulary))
        , m_options(std::move(options))
        , m_trie(trieOf(this->vocabulary()))
        , m_inside(m_trie.nodeAt(m_options.prefix))
    {
    }
    std::string name() const override { return "WordPiece"; }

protected:
    void encodeAnew(std::string_view piece, Scratch&, std::vector<Token>& tokens) const override
    {
        const std::size_t first = tokens.size();
        if (characters(piece) > m_options.longestWord || !cut(piece, tokens)) {
            tokens.resize(first);
            tokens.push_back(
                {needUnknown(m_options.unknown), static_cast<std::uint32_t>(piece.size())});
        }
    }

private:
    static std::size_t characters(std::string_view text)
    {
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
            return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
        }));
    }
    bool cut(std::string_view piece, std::vector<Token>& tokens) const
    {
        for (std::size_t at = 0; at < piece.size();) {
            const std::uint32_t start = at == 0 ? 0 : m_inside;
            Token longest;
            if (start != Trie::kNone)
                m_trie.forPrefixes(piece.substr(at), start,
                                   [&](std::size_t length, std::uint32_t id) {
                                       longest = {id, static_cast<std::uint32_t>(length)};
                                   });
            if (longest.length == 0)
                return false;
            tokens.push_back(longest);
            at += longest.length;
        }
        return true;
    }

    WordPieceOptions m_options;
    Trie m_trie;
    std::uint32_t m_inside; ///< where keys that begin with the prefix go on
};

class WordLevel final : public TokenModel
{
public:
    WordLevel(Vocabulary vocabulary, std::string unknown)
        : TokenModel(std::move(vocabulary))
        , m_unknown(std::move(unknown))
    {
    }
    std::string name() const override { return "whole words"; }

protected:
    void encodeAnew(std::string_view piece, Scratch&, std::vector<Token>& tokens) const override
    {
        const auto id = vocabulary().find(piece);
        tokens.push_back(
            {id ? *id : needUnknown(m_unknown), static_cast<std::uint32_t>(piece.size())});
    }

private:
    std::string m_unknown;
};

} // namespace

TokenModelPtr makeWordPiece(Vocabulary vocabulary, WordPieceOptions options)
{
    return std::make_unique<WordPiece>(std::move(vocabulary), std::move(options));
}

TokenModelPtr makeWordLevel(Vocabulary vocabulary, std::string unknown)
{
    return std::make_unique<WordLevel>(std::move(vocabulary), std::move(unknown));
}

} // namespace tw
