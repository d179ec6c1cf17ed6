// SPDX-License-Identifier: Apache-2.0
// Unigram language model (Kudo 2018, section 3): the cut of a text into tokens with the largest sum
// of scores, found by Viterbi's algorithm over the ends of tokens, left to right.
#include "core/base/error.h"
#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/trie.h"

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr double kUnknownPenalty = 10.0; // as in SentencePiece: below the rarest token

/// The best way to a place in the piece: the token that ends there, and its score so far.
struct Path
{
    double score = 0.0;
    std::uint32_t id = Vocabulary::kNone;
    std::uint32_t begin = kUnreached;

    static constexpr std::uint32_t kUnreached = 0xFFFFFFFFU;
};

struct UnigramScratch : TokenModel::Scratch
{
    std::vector<Path> paths; ///< by end
    std::vector<TextRange> found;
};

class Unigram final : public TokenModel
{
public:
    Unigram(Vocabulary vocabulary, UnigramOptions options)
        : TokenModel(std::move(vocabulary))
        , m_options(std::move(options))
        , m_byteTokens(byteTokensOf(this->vocabulary()))
    {
        std::vector<Trie::Entry> entries;
        entries.reserve(m_options.scores.size());
        for (std::uint32_t id = 0; id < m_options.scores.size(); ++id)
            if (!std::isnan(m_options.scores[id])) // a piece that no text becomes
                entries.emplace_back(this->vocabulary().text(id), id);
        m_trie = Trie(std::move(entries));
        m_unknownScore = lowestScore() - kUnknownPenalty;
    }
    std::string name() const override { return "Unigram"; }
    std::unique_ptr<Scratch> makeScratch() const override
    {
        return std::make_unique<UnigramScratch>();
    }

protected:
    void
    encodeAnew(std::string_view piece, Scratch& scratch, std::vector<Token>& tokens) const override
    {
        auto& work = static_cast<UnigramScratch&>(scratch);
        findPaths(piece, work.paths);
        collect(work);
        for (const TextRange& range : work.found)
            append(piece.substr(range.begin, range.end - range.begin), tokens);
    }

private:
    double lowestScore() const
    {
        if (m_options.lowest)
            return *m_options.lowest;
        const auto& scores = m_options.scores;
        return scores.empty() ? 0.0 : *std::min_element(scores.begin(), scores.end());
    }
    double sum(double score, double before) const
    {
        return m_options.isSinglePrecision
            ? static_cast<double>(static_cast<float>(score) + static_cast<float>(before))
            : score + before;
    }
    static void improve(Path& path, double score, std::uint32_t id, std::size_t begin)
    {
        if (path.begin == Path::kUnreached || score > path.score)
            path = {score, id, static_cast<std::uint32_t>(begin)};
    }

    void findPaths(std::string_view piece, std::vector<Path>& paths) const
    {
        paths.assign(piece.size() + 1, Path {});
        for (std::size_t at = 0; at < piece.size();) {
            const double before = paths[at].score;
            const std::size_t one = pointLength(piece[at]);
            bool hasSingle = false;
            m_trie.forPrefixes(piece.substr(at), 0, [&](std::size_t length, std::uint32_t id) {
                improve(paths[at + length], sum(m_options.scores[id], before), id, at);
                hasSingle = hasSingle || length == one;
            });
            if (!hasSingle)
                improve(paths[at + one], sum(m_unknownScore, before), unknownId(), at);
            at += one;
        }
    }

    std::uint32_t unknownId() const
    {
        if (!m_options.unknown)
            throw Error("A text holds a character that the tokenizer does not know, and the "
                        "tokenizer has no unknown token (model.unk_id).",
                        "Leave that character out, or download the tokenizer again.");
        return *m_options.unknown;
    }

    /// The tokens of the best way in order; unknown neighbours become one.
    void collect(UnigramScratch& work) const
    {
        work.found.clear();
        bool wasUnknown = false;
        for (std::size_t end = work.paths.size() - 1; end > 0;) {
            const Path& path = work.paths[end];
            const bool isUnknown = m_options.unknown && path.id == *m_options.unknown;
            if (isUnknown && wasUnknown)
                work.found.back().begin = path.begin;
            else
                work.found.push_back({path.begin, end});
            wasUnknown = isUnknown;
            end = path.begin;
        }
        std::reverse(work.found.begin(), work.found.end());
    }

    void append(std::string_view text, std::vector<Token>& tokens) const
    {
        if (const auto id = vocabulary().find(text)) {
            tokens.push_back({*id, static_cast<std::uint32_t>(text.size())});
            return;
        }
        const auto tokenOf = [&](char byte) {
            return m_byteTokens[static_cast<unsigned char>(byte)];
        };
        const bool fallsBack = m_options.hasByteFallback
            && std::all_of(text.begin(), text.end(),
                           [&](char byte) { return tokenOf(byte) != Vocabulary::kNone; });
        if (!fallsBack) {
            tokens.push_back({unknownId(), static_cast<std::uint32_t>(text.size())});
            return;
        }
        for (const char byte : text)
            tokens.push_back({tokenOf(byte), 1});
    }

    UnigramOptions m_options;
    std::array<std::uint32_t, 256> m_byteTokens;
    Trie m_trie;
    double m_unknownScore = 0.0;
};

} // namespace

TokenModelPtr makeUnigram(Vocabulary vocabulary, UnigramOptions options)
{
    return std::make_unique<Unigram>(std::move(vocabulary), std::move(options));
}

} // namespace tw
