// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/model.h"

namespace tw {

/// The pairs that a vocabulary was built by, in order. The texts stand in one string.
class MergeList
{
public:
    /// With the next rank.
    void add(std::string_view left, std::string_view right);
    void add(std::string_view left, std::string_view right, std::uint32_t rank);
    std::size_t size() const { return m_pairs.size(); }
    /// Calls visit(rank, left, right) for each pair; of those with one rank the leftmost in a text
    /// comes first.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        std::size_t at = 0;
        for (const Pair& pair : m_pairs) {
            const auto texts =
                std::string_view(m_texts).substr(at, std::size_t {pair.left} + pair.right);
            visit(pair.rank, texts.substr(0, pair.left), texts.substr(pair.left));
            at += texts.size();
        }
    }

private:
    struct Pair
    {
        std::uint32_t left = 0; ///< bytes of its text
        std::uint32_t right = 0;
        std::uint32_t rank = 0;
    };
    std::string m_texts;
    std::vector<Pair> m_pairs;
};

struct BpeOptions
{
    bool isByteLevel = false; ///< pieces are bytes; the vocabulary spells them as GPT-2's does
    std::string unknown; ///< token for what the vocabulary lacks; empty: it is left out
    bool fusesUnknown = false; ///< one unknown token for a run of them
    bool hasByteFallback = false; ///< "<0x0A>" for what the vocabulary lacks
    bool ignoresMerges = false; ///< a piece that is a token as a whole stays whole
    std::string prefix; ///< of tokens that go on inside a word; none with isByteLevel
    std::string suffix; ///< of tokens that end a word; none with isByteLevel
};

/// Byte pair encoding (Sennrich et al. 2016): of all neighbours that are a pair of the list, those
/// with the lowest rank, leftmost first, become one token, until there is none.
class Bpe final : public TokenModel
{
public:
    /// Throws Error with `where` where a pair or the unknown token is not in the vocabulary.
    Bpe(Vocabulary vocabulary,
        const MergeList& merges,
        BpeOptions options,
        const std::string& where);

    std::string name() const override { return m_options.isByteLevel ? "BPE, byte level" : "BPE"; }
    std::unique_ptr<Scratch> makeScratch() const override;

protected:
    void
    encodeAnew(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const override;

private:
    struct Symbol;
    struct Work;
    struct Merge
    {
        std::uint64_t pair = 0;
        std::uint32_t rank = kNoMerge;
        std::uint32_t merged = 0;
    };
    class SymbolWriter;
    static constexpr std::uint32_t kNoMerge = 0xFFFFFFFFU;

    void readMerges(const MergeList& merges, const std::string& where);
    void findByteTokens();
    void addMerge(std::uint64_t pair, std::uint32_t rank, std::uint32_t merged);
    const Merge& mergeOf(std::uint32_t left, std::uint32_t right) const;
    void bytesToSymbols(std::string_view piece, std::vector<Symbol>& symbols) const;
    void pointsToSymbols(std::string_view piece, std::vector<Symbol>& symbols) const;
    std::optional<std::uint32_t> affixed(std::string_view point, bool isFirst, bool isLast) const;
    void mergeByScan(Work& work) const;
    void mergeByHeap(Work& work) const;
    static void join(std::vector<Symbol>& symbols, std::int32_t at, std::uint32_t merged);

    BpeOptions m_options;
    std::uint32_t m_unknown = Vocabulary::kNone;
    std::array<std::vector<std::uint32_t>, 256> m_byteTokens; ///< usually one each; none: unknown
    std::array<std::uint32_t, 256> m_byteToken {}; ///< that one, or kNone
    std::array<std::uint32_t, 256> m_fallback {}; ///< ids of "<0x00>" ...
    std::array<std::uint32_t, 128> m_asciiToken {}; ///< of characters without affixes, or kNone
    std::vector<Merge> m_merges; ///< open addressing by pair
    unsigned m_mergeShift = 0;
};

} // namespace tw
