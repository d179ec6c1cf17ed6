// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pipeline.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/lending_pool.h"

#include <limits>
#include <unordered_map>

namespace tw {
namespace {

/// What encoding needs, lent to one thread at a time, so that caches live on from call to call.
struct Workspace
{
    std::unique_ptr<TokenModel::Scratch> model;
    Pieces pieces;
    AlignedText normal;
    std::vector<AddedTokenFinder::Segment> segments;
    std::vector<AddedTokenFinder::Segment> inner;
    std::vector<Token> tokens;
};

class PipelineTokenizer final : public Tokenizer
{
public:
    PipelineTokenizer(TokenizerParts parts, const std::string& where);

    Encoding encode(std::string_view text, bool addSpecial) const override;
    Encoding
    encodePair(std::string_view first, std::string_view second, bool addSpecial) const override;
    std::string decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const override;
    std::string tokenBytes(std::int64_t id) const override;
    std::string tokenText(std::int64_t id) const override;
    std::optional<std::int64_t> idOf(std::string_view token) const override;
    bool isSpecial(std::int64_t id) const override;
    std::int64_t vocabularySize() const override { return m_endId; }
    SpecialTokens specialTokens() const override { return m_parts.special; }
    std::string description() const override;

private:
    void addTokens();
    void checkIds(const std::string& where) const;
    void put(Encoding& out, std::int64_t id, TextRange range, std::int64_t typeId) const;
    void encodeText(std::string_view text, std::int64_t typeId, Encoding& out) const;
    void encodeSegment(std::string_view text,
                       std::size_t begin,
                       std::int64_t typeId,
                       Workspace& work,
                       Encoding& out) const;
    void encodePieces(std::int64_t typeId, Workspace& work, Encoding& out) const;
    std::string normalForm(const std::string& text) const;

    TokenizerParts m_parts;
    AddedTokenFinder m_rawFinder; ///< tokens looked for in the input
    AddedTokenFinder m_normalFinder; ///< tokens looked for in its normal form
    std::unordered_map<std::int64_t, AddedToken> m_added;
    std::unordered_map<std::string, std::int64_t> m_addedIds;
    std::int64_t m_endId = 0;
    mutable LendingPool<Workspace> m_pool;
};

PipelineTokenizer::PipelineTokenizer(TokenizerParts parts, const std::string& where)
    : m_parts(std::move(parts))
    , m_endId(m_parts.model->vocabulary().endId())
{
    addTokens();
    checkIds(where);
}

void PipelineTokenizer::addTokens()
{
    std::vector<AddedToken> raw;
    std::vector<AddedToken> normal;
    std::vector<std::string> rawContents;
    std::vector<std::string> normalContents;
    for (const AddedToken& token : m_parts.added) {
        m_added[token.id] = token;
        m_addedIds[token.content] = token.id;
        m_endId = std::max(m_endId, std::int64_t {token.id} + 1);
        (token.isNormalized ? normal : raw).push_back(token);
        (token.isNormalized ? normalContents : rawContents)
            .push_back(token.isNormalized ? normalForm(token.content) : token.content);
    }
    m_rawFinder = AddedTokenFinder(std::move(raw), rawContents);
    m_normalFinder = AddedTokenFinder(std::move(normal), normalContents);
}

void PipelineTokenizer::checkIds(const std::string& where) const
{
    for (const Frame& frame : {m_parts.frames.single, m_parts.frames.pair})
        for (const Frame::Part& part : frame.parts)
            if (part.text < 0 && (part.id < 0 || part.id >= m_endId))
                throw Error(where + ": the post-processor adds the token " + std::to_string(part.id)
                                + ", which is not in the vocabulary.",
                            "Download the tokenizer again.");
    const SpecialTokens& special = m_parts.special;
    for (const auto& id : {special.bos, special.eos, special.pad, special.unknown})
        if (id && (*id < 0 || *id >= m_endId))
            throw Error(where + ": the special token " + std::to_string(*id)
                            + " is not in the vocabulary of " + groupedDigits(m_endId) + " tokens.",
                        "Download the tokenizer again.");
}

std::string PipelineTokenizer::normalForm(const std::string& text) const
{
    AlignedText normal;
    normal.assign(text, 0);
    for (const NormalizerPtr& normalizer : m_parts.normalizers)
        normalizer->normalize(normal);
    return normal.text();
}

Encoding PipelineTokenizer::encode(std::string_view text, bool addSpecial) const
{
    Encoding out;
    for (const Frame::Part& part : m_parts.frames.single.parts) {
        if (part.text >= 0)
            encodeText(text, part.typeId, out);
        else if (addSpecial)
            put(out, part.id, {}, part.typeId);
    }
    return out;
}

Encoding PipelineTokenizer::encodePair(std::string_view first,
                                       std::string_view second,
                                       bool addSpecial) const
{
    Encoding out;
    for (const Frame::Part& part : m_parts.frames.pair.parts) {
        if (part.text >= 0)
            encodeText(part.text == 0 ? first : second, part.typeId, out);
        else if (addSpecial)
            put(out, part.id, {}, part.typeId);
    }
    return out;
}

void PipelineTokenizer::put(Encoding& out,
                            std::int64_t id,
                            TextRange range,
                            std::int64_t typeId) const
{
    out.ids.push_back(id);
    out.spans.emplace_back(range.begin, range.end);
    out.typeIds.push_back(typeId);
}

void PipelineTokenizer::encodeText(std::string_view text, std::int64_t typeId, Encoding& out) const
{
    if (text.size() > std::numeric_limits<std::uint32_t>::max() / 4)
        throw Error("A text of " + bytesInWords(text.size()) + " is too long to be tokenized.",
                    "Split it into shorter ones.");
    std::string repaired;
    if (!isUtf8(text)) {
        repaired = repairedUtf8(text);
        text = repaired;
    }
    auto work = m_pool.take([this] {
        auto workspace = std::make_unique<Workspace>();
        workspace->model = m_parts.model->makeScratch();
        return workspace;
    });
    m_rawFinder.split(text, work->segments);
    for (const auto& segment : work->segments) {
        if (segment.token == nullptr)
            encodeSegment(text.substr(segment.begin, segment.end - segment.begin), segment.begin,
                          typeId, *work, out);
        else
            put(out, segment.token->id, {segment.begin, segment.end}, typeId);
    }
    m_pool.giveBack(std::move(work));
}

void PipelineTokenizer::encodeSegment(std::string_view text,
                                      std::size_t begin,
                                      std::int64_t typeId,
                                      Workspace& work,
                                      Encoding& out) const
{
    AlignedText& normal = m_normalFinder.isEmpty() ? work.pieces.text : work.normal;
    normal.assign(text, begin);
    for (const NormalizerPtr& normalizer : m_parts.normalizers)
        normalizer->normalize(normal);
    if (m_normalFinder.isEmpty()) {
        encodePieces(typeId, work, out);
        return;
    }
    m_normalFinder.split(normal.text(), work.inner);
    for (const auto& segment : work.inner) {
        if (segment.token != nullptr) {
            put(out, segment.token->id, normal.originOf(segment.begin, segment.end), typeId);
            continue;
        }
        work.pieces.text.assign(normal, {segment.begin, segment.end});
        encodePieces(typeId, work, out);
    }
}

void PipelineTokenizer::encodePieces(std::int64_t typeId, Workspace& work, Encoding& out) const
{
    work.pieces.reset();
    for (const PreTokenizerPtr& step : m_parts.preTokenizers)
        step->split(work.pieces);
    for (const TextRange& piece : work.pieces.ranges) {
        work.tokens.clear();
        m_parts.model->encode(work.pieces.text.view(piece), *work.model, work.tokens);
        std::size_t at = piece.begin;
        for (const Token& token : work.tokens) {
            put(out, token.id, work.pieces.text.originOf(at, at + token.length), typeId);
            at += token.length;
        }
    }
}

std::string PipelineTokenizer::tokenText(std::int64_t id) const
{
    if (const auto it = m_added.find(id); it != m_added.end())
        return it->second.content;
    if (id < 0 || id >= m_endId)
        throw Error("There is no token " + std::to_string(id) + " in a vocabulary of "
                        + groupedDigits(m_endId) + ".",
                    "Check that model and tokenizer belong together.");
    return std::string(m_parts.model->vocabulary().text(static_cast<std::uint32_t>(id)));
}

std::string PipelineTokenizer::tokenBytes(std::int64_t id) const
{
    return m_parts.decoder ? m_parts.decoder->bytesOf(tokenText(id)) : " " + tokenText(id);
}

std::string PipelineTokenizer::decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const
{
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const std::int64_t id : ids) {
        // A model may know more ids than its tokenizer (its embedding is rounded up): those stand
        // for nothing.
        const bool isKnown = id >= 0 && id < m_endId
            && (m_added.contains(id)
                || m_parts.model->vocabulary().has(static_cast<std::uint32_t>(id)));
        if (isKnown && !(skipSpecial && isSpecial(id)))
            tokens.push_back(tokenText(id));
    }
    std::string text =
        m_parts.decoder ? join(m_parts.decoder->decode(std::move(tokens)), "") : join(tokens, " ");
    for (const auto& finish : m_parts.finishing)
        text = finish(std::move(text));
    return text;
}

std::optional<std::int64_t> PipelineTokenizer::idOf(std::string_view token) const
{
    if (const auto it = m_addedIds.find(std::string(token)); it != m_addedIds.end())
        return it->second;
    return m_parts.model->vocabulary().find(token);
}

bool PipelineTokenizer::isSpecial(std::int64_t id) const
{
    const auto it = m_added.find(id);
    return it != m_added.end() && it->second.isSpecial;
}

std::string PipelineTokenizer::description() const
{
    return m_parts.model->name() + ", " + groupedDigits(m_endId) + " tokens";
}

} // namespace

std::shared_ptr<const Tokenizer> makeTokenizer(TokenizerParts parts, const std::string& where)
{
    return std::make_shared<PipelineTokenizer>(std::move(parts), where);
}

} // namespace tw
