// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/vocabulary.h"

#include <array>
#include <memory>

namespace tw {

/// A token of a piece, and how many bytes of the piece it covers.
struct Token
{
    std::uint32_t id = 0;
    std::uint32_t length = 0;
};

/// Turns a piece of text into tokens of its vocabulary: BPE, WordPiece, WordLevel or Unigram.
/// Immutable; any thread may use it with a scratch of its own.
class TokenModel
{
public:
    /// Room that is used again from call to call, and what short pieces became the last time.
    class Scratch
    {
    public:
        Scratch();
        virtual ~Scratch() = default;

    private:
        friend class TokenModel;
        static constexpr std::size_t kKey = 31;
        static constexpr std::size_t kTokens = 8;
        static constexpr std::size_t kSlots =
            16384; ///< a page of English has some hundred different pieces
        struct Slot
        {
            std::array<char, kKey> key;
            std::uint8_t keyLength = 0; ///< 0: nothing here
            std::array<Token, kTokens> tokens;
            std::uint32_t count = 0;
        };
        std::vector<Slot> m_slots;
    };

    explicit TokenModel(Vocabulary vocabulary)
        : m_vocabulary(std::move(vocabulary))
    {
    }
    virtual ~TokenModel() = default;

    virtual std::unique_ptr<Scratch> makeScratch() const { return std::make_unique<Scratch>(); }
    /// Appends the tokens of a piece, which is not empty. Throws Error where the piece needs an
    /// unknown token and there is none.
    void encode(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const;
    const Vocabulary& vocabulary() const { return m_vocabulary; }
    virtual std::string name() const = 0; ///< "BPE, byte level"

protected:
    virtual void
    encodeAnew(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const = 0;
    /// What the vocabulary has to have: the token's id. Throws Error.
    std::uint32_t needUnknown(std::string_view token) const;

private:
    Vocabulary m_vocabulary;
};
using TokenModelPtr = std::unique_ptr<const TokenModel>;

struct WordPieceOptions
{
    std::string unknown = "[UNK]";
    std::string prefix = "##"; ///< of tokens that go on inside a word
    std::size_t longestWord = 100; ///< in characters; longer ones are unknown
};
/// Schuster & Nakajima 2012, as in BERT: the longest token that fits, again and again.
TokenModelPtr makeWordPiece(Vocabulary vocabulary, WordPieceOptions options);

/// Each piece is a token, or unknown.
TokenModelPtr makeWordLevel(Vocabulary vocabulary, std::string unknown);

struct UnigramOptions
{
    std::vector<double> scores; ///< by id: logarithms of probabilities; NaN: of no text
    std::optional<std::uint32_t> unknown;
    bool hasByteFallback = false; ///< "<0x0A>" for characters that the vocabulary lacks
    bool isSinglePrecision = false; ///< sums as SentencePiece has them: of two equal ways another
    std::optional<double> lowest; ///< score below which an unknown character lies; none: the lowest
};
/// Kudo 2018: of all ways to cut a piece into tokens the most probable one.
TokenModelPtr makeUnigram(Vocabulary vocabulary, UnigramOptions options);

/// Ids of "<0x00>" ... "<0xFF>"; Vocabulary::kNone where one is missing.
std::array<std::uint32_t, 256> byteTokensOf(const Vocabulary& vocabulary);

} // namespace tw
