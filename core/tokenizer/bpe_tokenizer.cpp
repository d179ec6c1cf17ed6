// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/bpe_tokenizer.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/byte_level.h"

#include <mutex>
#include <unordered_map>

namespace tw {
namespace {

/// Lends what encoding needs to one thread at a time, so that caches live on from call to call.
struct Workspace
{
    Bpe::Scratch bpe;
    PreTokenizer::Scratch pre;
    std::vector<AddedTokenFinder::Segment> segments;
    std::vector<AddedTokenFinder::Segment> inner;
    std::vector<Bpe::Token> tokens;
    std::string spaced;
};

class WorkspacePool
{
public:
    std::unique_ptr<Workspace> take()
    {
        const std::scoped_lock lock(m_mutex);
        if (m_free.empty())
            return std::make_unique<Workspace>();
        auto workspace = std::move(m_free.back());
        m_free.pop_back();
        return workspace;
    }
    void giveBack(std::unique_ptr<Workspace> workspace)
    {
        const std::scoped_lock lock(m_mutex);
        m_free.push_back(std::move(workspace));
    }

private:
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Workspace>> m_free;
};

class BpeTokenizer final : public Tokenizer
{
public:
    BpeTokenizer(TokenizerParts parts, const std::string& where);

    Encoding encode(std::string_view text, bool addSpecial) const override;
    std::string decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const override;
    std::string tokenBytes(std::int64_t id) const override;
    std::string tokenText(std::int64_t id) const override;
    std::optional<std::int64_t> idOf(std::string_view token) const override;
    bool isSpecial(std::int64_t id) const override;
    std::int64_t vocabularySize() const override { return m_endId; }
    SpecialTokens specialTokens() const override { return m_special; }
    std::string description() const override;

private:
    /// A stretch of the input and its normal form.
    struct Stretch
    {
        std::size_t begin = 0; ///< in the input
        NormalizedText normal;

        std::pair<std::size_t, std::size_t> inInput(std::size_t from, std::size_t to) const;
    };
    void encodeText(std::string_view text, std::size_t begin, Workspace& work, Encoding& out) const;
    void encodeBetween(const Stretch& stretch,
                       std::size_t from,
                       std::size_t to,
                       Workspace& work,
                       Encoding& out) const;
    const std::string* addedText(std::int64_t id) const;

    Bpe m_bpe;
    PreTokenizer m_pre;
    std::vector<NormalForm> m_forms;
    AddedTokenFinder m_rawFinder; ///< tokens looked for in the input
    AddedTokenFinder m_normalFinder; ///< tokens looked for in its normal form
    std::unordered_map<std::int64_t, AddedToken> m_added;
    std::unordered_map<std::string, std::int64_t> m_addedIds;
    std::vector<std::int64_t> m_prefix;
    std::vector<std::int64_t> m_suffix;
    bool m_hasDecoder = true;
    SpecialTokens m_special;
    std::int64_t m_endId = 0;
    mutable WorkspacePool m_pool;
};

BpeTokenizer::BpeTokenizer(TokenizerParts parts, const std::string& where)
    : m_bpe(std::move(parts.vocabulary), parts.merges, std::move(parts.options), where)
    , m_pre(std::move(parts.steps))
    , m_forms(std::move(parts.forms))
    , m_prefix(std::move(parts.prefix))
    , m_suffix(std::move(parts.suffix))
    , m_hasDecoder(parts.hasDecoder)
    , m_special(parts.special)
    , m_endId(m_bpe.vocabulary().endId())
{
    std::vector<AddedToken> raw;
    std::vector<AddedToken> normal;
    std::vector<std::string> rawContents;
    std::vector<std::string> normalContents;
    for (const AddedToken& token : parts.added) {
        m_added[token.id] = token;
        m_addedIds[token.content] = token.id;
        m_endId = std::max(m_endId, std::int64_t {token.id} + 1);
        (token.isNormalized ? normal : raw).push_back(token);
        (token.isNormalized ? normalContents : rawContents)
            .push_back(token.isNormalized ? normalized(token.content, m_forms).text
                                          : token.content);
    }
    m_rawFinder = AddedTokenFinder(std::move(raw), rawContents);
    m_normalFinder = AddedTokenFinder(std::move(normal), normalContents);
    for (const auto& ids : {m_prefix, m_suffix})
        for (const std::int64_t id : ids)
            if (id < 0 || id >= m_endId)
                throw Error(where + ": the post-processor adds the token " + std::to_string(id)
                                + ", which is not in the vocabulary.",
                            "Download the tokenizer again.");
    for (const auto& id : {m_special.bos, m_special.eos, m_special.pad, m_special.unknown})
        if (id && (*id < 0 || *id >= m_endId))
            throw Error(where + ": the special token " + std::to_string(*id)
                            + " is not in the vocabulary of " + groupedDigits(m_endId) + " tokens.",
                        "Download the tokenizer again.");
}

std::pair<std::size_t, std::size_t> BpeTokenizer::Stretch::inInput(std::size_t from,
                                                                   std::size_t to) const
{
    const auto& origin = normal.origin;
    if (origin.empty())
        return {begin + from, begin + to};
    if (from == to) {
        const std::size_t at = from < origin.size() ? origin[from].first : origin.back().second;
        return {begin + at, begin + at};
    }
    return {begin + origin[from].first, begin + origin[to - 1].second};
}

Encoding BpeTokenizer::encode(std::string_view text, bool addSpecial) const
{
    std::string repaired;
    if (!isUtf8(text)) {
        repaired = repairedUtf8(text);
        text = repaired;
    }
    Encoding out;
    if (addSpecial)
        out.ids = m_prefix;
    out.spans.resize(out.ids.size());
    auto work = m_pool.take();
    m_rawFinder.split(text, work->segments);
    for (const auto& segment : work->segments) {
        if (segment.token == nullptr) {
            encodeText(text.substr(segment.begin, segment.end - segment.begin), segment.begin,
                       *work, out);
            continue;
        }
        out.ids.push_back(segment.token->id);
        out.spans.emplace_back(segment.begin, segment.end);
    }
    m_pool.giveBack(std::move(work));
    if (addSpecial)
        out.ids.insert(out.ids.end(), m_suffix.begin(), m_suffix.end());
    out.spans.resize(out.ids.size());
    return out;
}

void BpeTokenizer::encodeText(std::string_view text,
                              std::size_t begin,
                              Workspace& work,
                              Encoding& out) const
{
    const Stretch stretch {begin, normalized(text, m_forms)};
    if (m_normalFinder.isEmpty()) {
        encodeBetween(stretch, 0, stretch.normal.text.size(), work, out);
        return;
    }
    m_normalFinder.split(stretch.normal.text, work.inner);
    for (const auto& segment : work.inner) {
        if (segment.token == nullptr) {
            encodeBetween(stretch, segment.begin, segment.end, work, out);
            continue;
        }
        out.ids.push_back(segment.token->id);
        out.spans.push_back(stretch.inInput(segment.begin, segment.end));
    }
}

void BpeTokenizer::encodeBetween(
    const Stretch& stretch, std::size_t from, std::size_t to, Workspace& work, Encoding& out) const
{
    const std::string_view text = std::string_view(stretch.normal.text).substr(from, to - from);
    for (const Piece& piece : m_pre.split(text, work.pre)) {
        std::string_view content = text.substr(piece.begin, piece.end - piece.begin);
        if (piece.hasSpace) {
            work.spaced.assign(1, ' ');
            work.spaced += content;
            content = work.spaced;
        }
        work.tokens.clear();
        m_bpe.encode(content, work.bpe, work.tokens);
        std::size_t at = 0; // in content
        const auto inText = [&](std::size_t i) {
            return from + piece.begin + (piece.hasSpace && i > 0 ? i - 1 : i);
        };
        for (const Bpe::Token& token : work.tokens) {
            out.ids.push_back(token.id);
            out.spans.push_back(stretch.inInput(inText(at), inText(at + token.length)));
            at += token.length;
        }
    }
}

const std::string* BpeTokenizer::addedText(std::int64_t id) const
{
    const auto it = m_added.find(id);
    return it == m_added.end() ? nullptr : &it->second.content;
}

std::string BpeTokenizer::tokenText(std::int64_t id) const
{
    if (const std::string* const text = addedText(id))
        return *text;
    if (id < 0 || id >= m_endId)
        throw Error("There is no token " + std::to_string(id) + " in a vocabulary of "
                        + groupedDigits(m_endId) + ".",
                    "Check that model and tokenizer belong together.");
    return std::string(m_bpe.vocabulary().text(static_cast<std::uint32_t>(id)));
}

std::string BpeTokenizer::tokenBytes(std::int64_t id) const
{
    return byteLevelBytes(tokenText(id));
}

std::string BpeTokenizer::decode(const std::vector<std::int64_t>& ids, bool skipSpecial) const
{
    std::string bytes;
    bool isFirst = true;
    for (const std::int64_t id : ids) {
        // A model may know more ids than its tokenizer (its embedding is rounded up): those stand
        // for nothing.
        const bool isKnown = id >= 0 && id < m_endId
            && (m_added.contains(id) || m_bpe.vocabulary().has(static_cast<std::uint32_t>(id)));
        if (!isKnown || (skipSpecial && isSpecial(id)))
            continue;
        if (!m_hasDecoder)
            bytes += (isFirst ? "" : " ") + tokenText(id);
        else
            bytes += tokenBytes(id);
        isFirst = false;
    }
    return repairedUtf8(bytes);
}

std::optional<std::int64_t> BpeTokenizer::idOf(std::string_view token) const
{
    if (const auto it = m_addedIds.find(std::string(token)); it != m_addedIds.end())
        return it->second;
    return m_bpe.vocabulary().find(token);
}

bool BpeTokenizer::isSpecial(std::int64_t id) const
{
    const auto it = m_added.find(id);
    return it != m_added.end() && it->second.isSpecial;
}

std::string BpeTokenizer::description() const
{
    return "BPE, byte level, " + groupedDigits(m_endId) + " tokens";
}

} // namespace

std::shared_ptr<const Tokenizer> makeBpeTokenizer(TokenizerParts parts, const std::string& where)
{
    return std::make_shared<BpeTokenizer>(std::move(parts), where);
}

} // namespace tw
