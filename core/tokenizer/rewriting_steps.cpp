// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers that write the text anew: ByteLevel (Radford et al. 2019) and Metaspace
// (SentencePiece's spaces).
#include "core/base/text.h"
#include "core/tokenizer/byte_level.h"
#include "core/tokenizer/pieces.h"

#include <algorithm>

namespace tw {
namespace {

class ByteLevel final : public PreTokenizer
{
public:
    ByteLevel(bool addsPrefixSpace, bool usesPattern)
        : m_addsPrefixSpace(addsPrefixSpace)
    {
        if (usesPattern)
            m_pattern = Regex(gpt2Pattern());
    }
    void split(Pieces& pieces) const override
    {
        if (m_addsPrefixSpace)
            addSpaces(pieces);
        if (!m_pattern)
            return;
        cutPieces(pieces, SplitBehaviour::Isolated, false,
                  [&](std::string_view text, std::vector<Regex::Match>& matches) {
                      m_pattern->findAll(text, matches);
                  });
    }

private:
    static void addSpaces(Pieces& pieces)
    {
        const auto hasSpace = [&](TextRange piece) {
            return pieces.text.text()[piece.begin] == ' ';
        };
        if (std::all_of(pieces.ranges.begin(), pieces.ranges.end(), hasSpace))
            return;
        rewritePieces(pieces, [](Rewriter& out, TextRange piece) {
            if (out.old()[piece.begin] != ' ')
                out.put(" ", piece.begin, piece.begin);
            out.keep(piece.begin, piece.end);
        });
    }

    bool m_addsPrefixSpace;
    std::optional<Regex> m_pattern;
};

class BytePieces final : public PreTokenizer
{
public:
    void split(Pieces& pieces) const override
    {
        rewritePieces(pieces, [](Rewriter& out, TextRange piece) {
            for (std::size_t at = piece.begin; at < piece.end; ++at)
                out.put(byteLevelPoint(static_cast<std::uint8_t>(out.old()[at])), at, at + 1);
        });
    }
};

class Metaspace final : public PreTokenizer
{
public:
    explicit Metaspace(const MetaspaceOptions& options)
        : m_scheme(options.scheme)
        , m_splits(options.splits)
    {
        appendUtf8(m_mark, options.replacement);
    }
    void split(Pieces& pieces) const override
    {
        rewritePieces(pieces, [&](Rewriter& out, TextRange piece) { write(out, piece, pieces); });
        if (!m_splits)
            return;
        cutPieces(pieces, SplitBehaviour::MergedWithNext, false,
                  [&](std::string_view text, std::vector<Regex::Match>& matches) {
                      for (std::size_t at = text.find(m_mark); at != std::string_view::npos;
                           at = text.find(m_mark, at + m_mark.size()))
                          matches.emplace_back(at, at + m_mark.size());
                  });
    }

private:
    void write(Rewriter& out, TextRange piece, const Pieces& pieces) const
    {
        const std::string_view content = pieces.text.view(piece);
        const bool hasMark = content.front() == ' ' || content.starts_with(m_mark);
        const bool isWanted = m_scheme == PrependScheme::Always
            || (m_scheme == PrependScheme::First
                && pieces.text.originOf(piece.begin, piece.begin).begin == 0);
        if (isWanted && !hasMark)
            out.put(m_mark, piece.begin, piece.begin);
        for (std::size_t at = 0; at < content.size();) {
            const std::size_t space = std::min(content.find(' ', at), content.size());
            out.keep(piece.begin + at, piece.begin + space);
            if (space < content.size())
                out.put(m_mark, piece.begin + space, piece.begin + space + 1);
            at = space + 1;
        }
    }

    std::string m_mark;
    PrependScheme m_scheme;
    bool m_splits;
};

} // namespace

const char* gpt2Pattern()
{
    return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
}

PreTokenizerPtr makeByteLevel(bool addsPrefixSpace, bool usesPattern)
{
    return std::make_unique<ByteLevel>(addsPrefixSpace, usesPattern);
}

PreTokenizerPtr makeBytePieces()
{
    return std::make_unique<BytePieces>();
}

PreTokenizerPtr makeMetaspace(const MetaspaceOptions& options)
{
    return std::make_unique<Metaspace>(options);
}

} // namespace tw
