// SPDX-License-Identifier: Apache-2.0
// Transformers' slow tokenizers: the text is cut at the added tokens, SentencePiece encodes what
// lies between.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/sentencepiece_conventions.h"
#include "core/tokenizer/sentencepiece_text.h"

#include <algorithm>
#include <limits>
#include <unicode/uchar.h>

namespace tw {
namespace {

constexpr std::string_view kMark = "\u2581"; // SentencePiece's space
using Decoding = SentencePieceConventions::Decoding;

/// Python's str.isdigit: decimal digits, and those that are raised or in circles.
bool isPythonDigit(char32_t point)
{
    const int type = u_getIntPropertyValue(static_cast<UChar32>(point), UCHAR_NUMERIC_TYPE);
    return type == U_NT_DECIMAL || type == U_NT_DIGIT;
}

/// Lower case for all but the tokens that are looked for: they are lowered before those are found.
NormalizerPtr loweringOf(const SentencePieceConventions& own)
{
    std::vector<AddedToken> spared;
    std::vector<std::string> contents;
    for (const AddedToken& token : own.added) {
        if (token.isSpecial && !own.specialTexts.contains(token.content))
            continue;
        spared.push_back(token);
        spared.back().stripsLeft = spared.back().stripsRight = spared.back().isSingleWord = false;
        contents.push_back(token.content);
    }
    return makeLowercase(AddedTokenFinder(std::move(spared), contents));
}

class SentencePieceTokenizer final : public Tokenizer
{
public:
    SentencePieceTokenizer(std::unique_ptr<const SentencePieceModel> model,
                           SentencePieceConventions conventions);

    Encoding encode(std::string_view text, bool addSpecial) const override;
    Encoding
    encodePair(std::string_view first, std::string_view second, bool addSpecial) const override;
    std::string decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const override;
    std::string tokenBytes(std::int64_t id) const override;
    std::string tokenText(std::int64_t id) const override;
    std::optional<std::int64_t> idOf(std::string_view token) const override;
    bool isSpecial(std::int64_t id) const override;
    std::int64_t vocabularySize() const override { return m_endId; }
    SpecialTokens specialTokens() const override { return m_own.special; }
    std::string description() const override
    {
        return "SentencePiece, " + groupedDigits(m_endId) + " tokens";
    }

private:
    Encoding encodeFrame(const Frame& frame,
                         std::string_view first,
                         std::string_view second,
                         bool addSpecial) const;
    void encodeText(std::string_view text, std::int64_t typeId, Encoding& out) const;
    void encodeBetween(const AlignedText& text,
                       TextRange range,
                       std::int64_t typeId,
                       Encoding& out) const;
    std::vector<SentencePieceModel::Piece> pieces(std::string_view text) const;
    void splitNumbers(std::vector<SentencePieceModel::Piece>& pieces) const;
    std::int64_t toId(const SentencePieceModel::Piece& piece) const;
    bool isKnown(std::int64_t id) const;

    std::unique_ptr<const SentencePieceModel> m_model;
    SentencePieceConventions m_own;
    AddedTokenFinder m_finder;
    std::map<std::int64_t, std::string> m_added;
    std::size_t m_unknownPieces = 0; ///< how many pieces the text of the unknown token becomes
    std::int64_t m_endId = 0;
    NormalizerPtr m_lowering; ///< none where case stays
    std::vector<NormalizerPtr> m_cleaning;
};

SentencePieceTokenizer::SentencePieceTokenizer(std::unique_ptr<const SentencePieceModel> model,
                                               SentencePieceConventions conventions)
    : m_model(std::move(model))
    , m_own(std::move(conventions))
    , m_endId(m_model->size() + m_own.offset)
{
    std::vector<std::string> contents;
    for (const AddedToken& token : m_own.added) {
        m_added[token.id] = token.content;
        contents.push_back(token.content);
        m_endId = std::max(m_endId, std::int64_t {token.id} + 1);
    }
    m_finder = AddedTokenFinder(m_own.added, contents);
    m_unknownPieces = m_model->encode(m_own.unknown).size();
    m_cleaning = cleaningOf(m_own);
    if (m_own.lowers)
        m_lowering = loweringOf(m_own);
}

Encoding SentencePieceTokenizer::encode(std::string_view text, bool addSpecial) const
{
    return encodeFrame(m_own.frames.single, text, {}, addSpecial);
}

Encoding SentencePieceTokenizer::encodePair(std::string_view first,
                                            std::string_view second,
                                            bool addSpecial) const
{
    return encodeFrame(m_own.frames.pair, first, second, addSpecial);
}

Encoding SentencePieceTokenizer::encodeFrame(const Frame& frame,
                                             std::string_view first,
                                             std::string_view second,
                                             bool addSpecial) const
{
    Encoding out;
    std::size_t textBegin = 0;
    for (const Frame::Part& part : frame.parts) {
        if (part.text >= 0) {
            textBegin = out.ids.size();
            encodeText(part.text == 0 ? first : second, part.typeId, out);
            continue;
        }
        const bool isSpared =
            m_own.sparesEnd && out.ids.size() > textBegin && out.ids.back() == part.id;
        if (!addSpecial || isSpared)
            continue;
        out.ids.push_back(part.id);
        out.spans.emplace_back(0, 0);
        out.typeIds.push_back(part.typeId);
    }
    return out;
}

void SentencePieceTokenizer::encodeText(std::string_view text,
                                        std::int64_t typeId,
                                        Encoding& out) const
{
    if (text.size() > std::numeric_limits<std::uint32_t>::max() / 4)
        throw Error("A text of " + bytesInWords(text.size()) + " is too long to be tokenized.",
                    "Split it into shorter ones.");
    const std::string repaired = isUtf8(text) ? std::string() : repairedUtf8(text);
    AlignedText aligned;
    aligned.assign(repaired.empty() ? text : repaired, 0);
    if (m_lowering)
        m_lowering->normalize(aligned);
    const std::size_t first = out.ids.size();
    if (!m_own.isLegacy && aligned.size() > 0)
        markSpaces(aligned, m_own.addsPrefixSpace);
    std::vector<AddedTokenFinder::Segment> segments;
    m_finder.split(aligned.text(), segments);
    std::size_t secondSegment = 0; // the place of its first id
    for (const auto& segment : segments) {
        if (&segment == segments.data() + 1)
            secondSegment = out.ids.size();
        if (segment.token == nullptr) {
            encodeBetween(aligned, {segment.begin, segment.end}, typeId, out);
            continue;
        }
        const TextRange origin = aligned.originOf(segment.begin, segment.end);
        out.ids.push_back(segment.token->id);
        out.spans.emplace_back(origin.begin, origin.end);
        out.typeIds.push_back(typeId);
    }
    // The mark that was put in front of a special token goes again.
    const bool isMarked = !m_own.isLegacy && segments.size() > 1 && segments[1].token != nullptr
        && m_own.specialTexts.contains(segments[1].token->content) && secondSegment == first + 1
        && tokenText(out.ids[first]) == kMark;
    if (isMarked) {
        const auto at = static_cast<std::ptrdiff_t>(first);
        out.ids.erase(out.ids.begin() + at);
        out.spans.erase(out.spans.begin() + at);
        out.typeIds.pop_back();
    }
}

void SentencePieceTokenizer::encodeBetween(const AlignedText& text,
                                           TextRange range,
                                           std::int64_t typeId,
                                           Encoding& out) const
{
    AlignedText part;
    part.assign(text, range);
    for (const NormalizerPtr& step : m_cleaning)
        step->normalize(part);
    for (const SentencePieceModel::Piece& piece : pieces(part.text())) {
        const std::size_t end = std::min(piece.range.end, part.size());
        const TextRange origin = part.originOf(std::min(piece.range.begin, end), end);
        out.ids.push_back(toId(piece));
        out.spans.emplace_back(origin.begin, origin.end);
        out.typeIds.push_back(typeId);
    }
}

std::vector<SentencePieceModel::Piece> SentencePieceTokenizer::pieces(std::string_view text) const
{
    if (m_own.isLegacy || !(text.starts_with(kMark) || text.starts_with(' '))) {
        auto pieces = m_model->encode(text);
        if (m_own.splitsNumbers)
            splitNumbers(pieces);
        return pieces;
    }
    // The library would drop the space at the beginning of a text: it stands behind the unknown
    // token's text, whose pieces are taken away afterwards.
    auto pieces = m_model->encode(m_own.unknown + std::string(text));
    if (pieces.size() >= m_unknownPieces)
        pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(m_unknownPieces));
    const auto shift = [&](std::size_t& at) { at -= std::min(at, m_own.unknown.size()); };
    for (SentencePieceModel::Piece& piece : pieces) {
        shift(piece.range.begin);
        shift(piece.range.end);
    }
    return pieces;
}

void SentencePieceTokenizer::splitNumbers(std::vector<SentencePieceModel::Piece>& pieces) const
{
    std::vector<SentencePieceModel::Piece> out;
    for (SentencePieceModel::Piece& piece : pieces) {
        const std::string& text = piece.text;
        const bool isNumber = text.size() > 1 && text.back() == ','
            && isPythonDigit(pointAt(text, pointBefore(text, text.size() - 1)));
        if (!isNumber) {
            out.push_back(std::move(piece));
            continue;
        }
        std::string digits = text.substr(0, text.size() - 1);
        const bool hadMark = digits.starts_with(kMark);
        if (hadMark)
            digits.erase(0, kMark.size());
        auto inner = m_model->encode(digits);
        if (!hadMark && !inner.empty() && inner.front().text.starts_with(kMark)) {
            if (inner.front().text == kMark) {
                inner.erase(inner.begin());
            } else {
                inner.front().text.erase(0, kMark.size());
                inner.front().id =
                    m_model->find(inner.front().text).value_or(m_model->unknown().value_or(0));
            }
        }
        const std::string comma = ",";
        inner.push_back({comma, m_model->find(comma).value_or(m_model->unknown().value_or(0)), {}});
        for (SentencePieceModel::Piece& part : inner) {
            part.range = piece.range;
            out.push_back(std::move(part));
        }
    }
    pieces = std::move(out);
}

std::int64_t SentencePieceTokenizer::toId(const SentencePieceModel::Piece& piece) const
{
    if (m_own.ownTokens.empty())
        return piece.id;
    const auto own = std::find(m_own.ownTokens.begin(), m_own.ownTokens.end(), piece.text);
    if (own != m_own.ownTokens.end())
        return own - m_own.ownTokens.begin();
    return piece.id == 0 ? m_own.special.unknown.value_or(0) : piece.id + m_own.offset;
}

bool SentencePieceTokenizer::isKnown(std::int64_t id) const
{
    return m_added.contains(id) || (id >= 0 && id < m_model->size() + m_own.offset);
}

std::string SentencePieceTokenizer::tokenText(std::int64_t id) const
{
    if (const auto it = m_added.find(id); it != m_added.end())
        return it->second;
    if (id < 0 || id >= m_endId)
        throw Error("There is no token " + std::to_string(id) + " in a vocabulary of "
                        + groupedDigits(m_endId) + ".",
                    "Check that model and tokenizer belong together.");
    if (static_cast<std::size_t>(id) < m_own.ownTokens.size())
        return m_own.ownTokens[static_cast<std::size_t>(id)];
    return isKnown(id) ? m_model->text(id - m_own.offset) : std::string();
}

std::string SentencePieceTokenizer::tokenBytes(std::int64_t id) const
{
    return pieceBytes(tokenText(id));
}

std::string SentencePieceTokenizer::decode(const std::vector<std::int64_t>& ids,
                                           bool skipSpecial) const
{
    std::vector<std::string> tokens;
    for (const std::int64_t id : ids)
        if (isKnown(id) && !(skipSpecial && isSpecial(id)))
            tokens.push_back(tokenText(id));
    return decodedText(tokens, *m_model, m_own);
}

std::optional<std::int64_t> SentencePieceTokenizer::idOf(std::string_view token) const
{
    for (const auto& [id, text] : m_added)
        if (text == token)
            return id;
    const auto own = std::find(m_own.ownTokens.begin(), m_own.ownTokens.end(), token);
    if (own != m_own.ownTokens.end())
        return own - m_own.ownTokens.begin();
    const auto id = m_model->find(token);
    return id ? std::optional(*id + m_own.offset) : std::nullopt;
}

bool SentencePieceTokenizer::isSpecial(std::int64_t id) const
{
    return isKnown(id) && m_own.specialTexts.contains(tokenText(id));
}

} // namespace

std::shared_ptr<const Tokenizer>
makeSentencePieceTokenizer(std::unique_ptr<const SentencePieceModel> model,
                           SentencePieceConventions conventions)
{
    return std::make_shared<SentencePieceTokenizer>(std::move(model), std::move(conventions));
}

} // namespace tw
