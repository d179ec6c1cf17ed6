// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/sentencepiece_model.h"

#include "core/base/error.h"
#include "core/tokenizer/lending_pool.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/sentencepiece_check.h"

#include <algorithm>
#include <limits>
#include <sentencepiece_processor.h>

namespace tw {
namespace {

// normalizer_spec { add_dummy_prefix: false }: the message's last word on a field is what counts.
constexpr std::string_view kNoPrefix {"\x1A\x02\x18\x00", 4};

void check(const sentencepiece::util::Status& status)
{
    if (!status.ok())
        throw Error(std::string("SentencePiece cannot use a text: ") + status.ToString() + ".",
                    "Leave that text out.");
}

std::optional<std::int64_t> idFrom(int id)
{
    return id < 0 ? std::nullopt : std::optional<std::int64_t>(id);
}

} // namespace

struct SentencePieceModel::State
{
    sentencepiece::SentencePieceProcessor processor;
    /// Debian's 0.1.97 sums scores in double and compares them in single precision, so that of two
    /// equal ways it takes another one than all versions since 0.2: the cut of a Unigram model is
    /// made anew.
    TokenModelPtr unigram;
    mutable LendingPool<TokenModel::Scratch> scratches;

    void makeUnigram(const std::vector<std::uint32_t>& userDefined);
    std::vector<Piece> cutAnew(std::vector<Piece> pieces) const;
};

void SentencePieceModel::State::makeUnigram(const std::vector<std::uint32_t>& userDefined)
{
    Vocabulary vocabulary;
    UnigramOptions options;
    options.isSinglePrecision = true;
    options.lowest = std::numeric_limits<double>::max();
    double highest = std::numeric_limits<double>::lowest();
    const auto isUserDefined = [&](int id) {
        return std::binary_search(userDefined.begin(), userDefined.end(),
                                  static_cast<std::uint32_t>(id));
    };
    for (int id = 0; id < processor.GetPieceSize(); ++id) {
        const bool isText = !processor.IsControl(id) && !processor.IsUnknown(id)
            && !processor.IsByte(id) && !processor.IsUnused(id);
        vocabulary.add(processor.IdToPiece(id), static_cast<std::uint32_t>(id));
        if (processor.IsUnknown(id)) // unk_id() gives -1 where its text is not that of unk_piece
            options.unknown = static_cast<std::uint32_t>(id);
        options.scores.push_back(isText ? static_cast<double>(processor.GetScore(id))
                                        : std::numeric_limits<double>::quiet_NaN());
        if (isText && !isUserDefined(id)) {
            options.lowest = std::min(*options.lowest, options.scores.back());
            highest = std::max(highest, options.scores.back());
        }
        options.hasByteFallback = options.hasByteFallback || processor.IsByte(id);
    }
    for (const std::uint32_t id : userDefined) // a little less than the best that it could become
        options.scores[id] =
            static_cast<double>(processor.IdToPiece(static_cast<int>(id)).size()) * highest - 0.1;
    unigram = tw::makeUnigram(std::move(vocabulary), std::move(options));
}

std::vector<SentencePieceModel::Piece>
SentencePieceModel::State::cutAnew(std::vector<Piece> pieces) const
{
    std::string normal;
    std::vector<std::size_t> pieceOf; // by byte of normal
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool isByte = processor.IsByte(static_cast<int>(pieces[i].id));
        if (isByte)
            return pieces; // what it stood for is gone
        normal += pieces[i].text;
        pieceOf.resize(normal.size(), i);
    }
    auto scratch = scratches.take([this] { return unigram->makeScratch(); });
    std::vector<Token> tokens;
    if (!normal.empty())
        unigram->encode(normal, *scratch, tokens);
    scratches.giveBack(std::move(scratch));
    const auto isSame = [](const Token& token, const Piece& piece) {
        return token.id == piece.id && token.length == piece.text.size();
    };
    if (std::equal(tokens.begin(), tokens.end(), pieces.begin(), pieces.end(), isSame))
        return pieces;
    std::vector<Piece> cut;
    std::size_t at = 0;
    for (const Token& token : tokens) {
        const Piece& first = pieces[pieceOf[at]];
        const Piece& last = pieces[pieceOf[at + token.length - 1]];
        cut.push_back(
            {normal.substr(at, token.length), token.id, {first.range.begin, last.range.end}});
        at += token.length;
    }
    return cut;
}

SentencePieceModel::SentencePieceModel(std::string_view bytes,
                                       bool addsPrefix,
                                       const std::string& where)
    : m_state(std::make_unique<State>())
{
    const SentencePieceFacts facts = checkSentencePiece(bytes, where);
    std::string message(bytes);
    if (!addsPrefix)
        message += kNoPrefix;
    const auto status = m_state->processor.LoadFromSerializedProto(message);
    if (!status.ok())
        throw Error(where + ": SentencePiece refuses the model (" + status.ToString() + ").",
                    "The file is damaged or no SentencePiece model: download it again.");
    if (facts.isUnigram)
        m_state->makeUnigram(facts.userDefined);
}

SentencePieceModel::~SentencePieceModel() = default;

std::vector<SentencePieceModel::Piece> SentencePieceModel::encode(std::string_view text) const
{
    const auto encoded = m_state->processor.EncodeAsImmutableProto(text);
    std::vector<Piece> pieces;
    pieces.reserve(encoded.pieces_size());
    for (const auto& piece : encoded.pieces())
        pieces.push_back({piece.piece(), piece.id(), {piece.begin(), piece.end()}});
    return m_state->unigram ? m_state->cutAnew(std::move(pieces)) : pieces;
}

std::string SentencePieceModel::decode(const std::vector<std::string>& pieces) const
{
    std::string text;
    check(m_state->processor.Decode(pieces, &text));
    return text;
}

std::string SentencePieceModel::decode(const std::vector<std::int64_t>& ids) const
{
    std::string text;
    check(m_state->processor.Decode(std::vector<int>(ids.begin(), ids.end()), &text));
    return text;
}

std::int64_t SentencePieceModel::size() const
{
    return m_state->processor.GetPieceSize();
}

const std::string& SentencePieceModel::text(std::int64_t id) const
{
    return m_state->processor.IdToPiece(static_cast<int>(id));
}

std::optional<std::int64_t> SentencePieceModel::find(std::string_view text) const
{
    const int id = m_state->processor.PieceToId(text); // the unknown token's where it is none
    return m_state->processor.IdToPiece(id) == text ? idFrom(id) : std::nullopt;
}

bool SentencePieceModel::isControl(std::int64_t id) const
{
    return m_state->processor.IsControl(static_cast<int>(id));
}

bool SentencePieceModel::isUnknown(std::int64_t id) const
{
    return m_state->processor.IsUnknown(static_cast<int>(id));
}

std::optional<std::int64_t> SentencePieceModel::bos() const
{
    return idFrom(m_state->processor.bos_id());
}

std::optional<std::int64_t> SentencePieceModel::eos() const
{
    return idFrom(m_state->processor.eos_id());
}

std::optional<std::int64_t> SentencePieceModel::pad() const
{
    return idFrom(m_state->processor.pad_id());
}

std::optional<std::int64_t> SentencePieceModel::unknown() const
{
    return idFrom(m_state->processor.unk_id());
}

} // namespace tw
