// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/vocabulary.h"

#include <array>
#include <span>

namespace tw {

/// The pairs that a vocabulary was built by, in order. The texts stand in one string.
class MergeList
{
public:
    void add(std::string_view left, std::string_view right);
    std::size_t size() const { return m_lengths.size(); }
    /// Calls visit(rank, left, right) for each pair.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        std::size_t at = 0;
        for (std::size_t rank = 0; rank < m_lengths.size(); ++rank) {
            const auto [left, right] = m_lengths[rank];
            const auto texts = std::string_view(m_texts).substr(at, std::size_t {left} + right);
            visit(rank, texts.substr(0, left), texts.substr(left));
            at += texts.size();
        }
    }

private:
    std::string m_texts;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_lengths;
};

struct BpeOptions
{
    std::string unknown; ///< token for bytes that the vocabulary lacks; empty: they are left out
    bool fusesUnknown = false; ///< one unknown token for a run of them
    bool hasByteFallback = false; ///< "<0x0A>" for bytes that the vocabulary lacks
    bool ignoresMerges = false; ///< a piece that is a token as a whole stays whole
};

/// Byte-level byte pair encoding (Sennrich et al. 2016; bytes as in GPT-2): of all neighbours that
/// are a pair of the list, those with the lowest rank, leftmost first, become one token, until
/// there is none.
class Bpe
{
public:
    struct Token
    {
        std::uint32_t id = 0;
        std::uint32_t length = 0; ///< bytes of the piece that it covers
    };
    /// Room and memory that is used again from call to call; one per thread.
    class Scratch
    {
    public:
        Scratch();

    private:
        friend class Bpe;
        static constexpr std::size_t kKey = 31;
        static constexpr std::size_t kTokens = 8;
        static constexpr std::size_t kSlots =
            8192; ///< a page of English has some hundred different pieces
        /// What a short piece became the last time.
        struct Slot
        {
            std::array<char, kKey> key;
            std::uint8_t keyLength = 0; ///< 0: nothing here
            std::array<Token, kTokens> tokens;
            std::uint32_t count = 0;
        };
        struct Symbol
        {
            std::uint32_t id = 0;
            std::uint32_t length = 0; ///< 0: it went into the one before
            std::int32_t previous = -1;
            std::int32_t next = -1;
        };
        struct Candidate
        {
            std::uint32_t rank = 0;
            std::int32_t at = 0;
            std::uint32_t merged = 0;
            bool operator<(const Candidate& other)
                const // the heap's top is the lowest rank, then the leftmost
            {
                return rank != other.rank ? rank > other.rank : at > other.at;
            }
        };
        std::vector<Slot> m_slots;
        std::vector<Symbol> m_symbols;
        std::vector<Candidate> m_heap;
        std::vector<std::uint32_t> m_ranks;
    };

    /// Throws Error with `where` where a pair or the unknown token is not in the vocabulary.
    Bpe(Vocabulary vocabulary,
        const MergeList& merges,
        BpeOptions options,
        const std::string& where);

    const Vocabulary& vocabulary() const { return m_vocabulary; }
    /// Appends the tokens of a piece (bytes, not their spelling).
    void encode(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const;

private:
    struct Merge
    {
        std::uint64_t pair = 0;
        std::uint32_t rank = kNoMerge;
        std::uint32_t merged = 0;
    };
    static constexpr std::uint32_t kNoMerge = 0xFFFFFFFFU;

    void findByteTokens();
    void addMerge(std::uint64_t pair, std::uint32_t rank, std::uint32_t merged);
    const Merge& mergeOf(std::uint32_t left, std::uint32_t right) const;
    void toSymbols(std::string_view piece, std::vector<Scratch::Symbol>& symbols) const;
    void mergeByScan(Scratch& scratch) const;
    void mergeByHeap(Scratch& scratch) const;
    static void join(std::vector<Scratch::Symbol>& symbols, std::int32_t at, std::uint32_t merged);

    Vocabulary m_vocabulary;
    BpeOptions m_options;
    std::uint32_t m_unknown = Vocabulary::kNone;
    std::array<std::vector<std::uint32_t>, 256> m_byteTokens; ///< usually one each; none: unknown
    std::array<std::uint32_t, 256> m_byteToken {}; ///< that one, or kNone
    std::vector<Merge> m_merges; ///< open addressing by pair
    unsigned m_mergeShift = 0;
};

} // namespace tw
