// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <utf8proc.h>

namespace tw {
namespace {

using Scratch = PreTokenizer::Scratch;
using Parts = std::vector<std::pair<Regex::Match, bool>>;

bool isNumeric(utf8proc_int32_t point)
{
    const auto category = utf8proc_category(point);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL
        || category == UTF8PROC_CATEGORY_NO;
}

void findText(std::string_view text, std::string_view wanted, std::vector<Regex::Match>& matches)
{
    matches.clear();
    if (wanted.empty())
        return;
    for (std::size_t at = text.find(wanted); at != std::string_view::npos;
         at = text.find(wanted, at + wanted.size()))
        matches.emplace_back(at, at + wanted.size());
}

void findDigits(std::string_view text, std::vector<Regex::Match>& matches)
{
    matches.clear();
    for (std::size_t at = 0; at < text.size();) {
        utf8proc_int32_t point = static_cast<unsigned char>(text[at]);
        std::size_t length = 1;
        bool isDigit = point >= '0' && point <= '9';
        if (point >= 0x80) {
            length = static_cast<std::size_t>(
                utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                 static_cast<utf8proc_ssize_t>(text.size() - at), &point));
            isDigit = isNumeric(point);
        }
        if (isDigit)
            matches.emplace_back(at, at + length);
        at += length;
    }
}

/// Matches and what lies between them, in order.
void toParts(std::size_t length,
             const std::vector<Regex::Match>& matches,
             bool isInverted,
             Parts& parts)
{
    parts.clear();
    std::size_t at = 0;
    for (const Regex::Match& match : matches) {
        if (match.first != at)
            parts.push_back({{at, match.first}, isInverted});
        parts.push_back({match, !isInverted});
        at = match.second;
    }
    if (at != length)
        parts.push_back({{at, length}, isInverted});
}

/// Joins neighbours where join(isMatch, wasMatch) says so, or drops the matches.
void applyBehaviour(SplitBehaviour behaviour, Parts& parts)
{
    if (behaviour == SplitBehaviour::Isolated)
        return;
    if (behaviour == SplitBehaviour::Removed) {
        std::erase_if(parts, [](const auto& part) { return part.second; });
        return;
    }
    const bool isBackwards = behaviour == SplitBehaviour::MergedWithNext;
    if (isBackwards)
        std::reverse(parts.begin(), parts.end());
    Parts joined;
    bool wasMatch = false;
    for (const auto& [stretch, isMatch] : parts) {
        const bool joins =
            behaviour == SplitBehaviour::Contiguous ? isMatch == wasMatch : isMatch && !wasMatch;
        wasMatch = isMatch;
        if (!joins || joined.empty())
            joined.push_back({stretch, false});
        else if (isBackwards)
            joined.back().first.first = stretch.first;
        else
            joined.back().first.second = stretch.second;
    }
    if (isBackwards)
        std::reverse(joined.begin(), joined.end());
    parts = std::move(joined);
}

/// What a piece looks like to a pattern.
std::string_view contentOf(const Piece& piece, std::string_view text, Scratch& scratch)
{
    const std::string_view plain = text.substr(piece.begin, piece.end - piece.begin);
    if (!piece.hasSpace)
        return plain;
    scratch.spaced.assign(1, ' ');
    scratch.spaced += plain;
    return scratch.spaced;
}

/// A stretch of a piece's content as a piece of the text.
Piece placed(const Piece& piece, const Regex::Match& stretch)
{
    if (!piece.hasSpace)
        return {piece.begin + stretch.first, piece.begin + stretch.second, false};
    const auto toText = [&](std::size_t at) { return piece.begin + (at == 0 ? 0 : at - 1); };
    return {toText(stretch.first), toText(stretch.second),
            stretch.first == 0 && stretch.second > 0};
}

void splitPiece(const Piece& piece,
                std::size_t length,
                SplitBehaviour behaviour,
                bool isInverted,
                Scratch& scratch)
{
    toParts(length, scratch.matches, isInverted, scratch.parts);
    applyBehaviour(behaviour, scratch.parts);
    for (const auto& [stretch, isMatch] : scratch.parts)
        if (const Piece part = placed(piece, stretch); !part.isEmpty())
            scratch.next.push_back(part);
}

struct Apply
{
    std::string_view text;
    Scratch& scratch;
    Piece piece;

    void operator()(const SplitStep& step) const
    {
        const std::string_view content = contentOf(piece, text, scratch);
        if (const auto* const regex = std::get_if<Regex>(&step.pattern))
            regex->findAll(content, scratch.matches);
        else
            findText(content, std::get<std::string>(step.pattern), scratch.matches);
        splitPiece(piece, content.size(), step.behaviour, step.isInverted, scratch);
    }
    void operator()(const DigitsStep& step) const
    {
        const std::string_view content = contentOf(piece, text, scratch);
        findDigits(content, scratch.matches);
        const auto behaviour =
            step.isIndividual ? SplitBehaviour::Isolated : SplitBehaviour::Contiguous;
        splitPiece(piece, content.size(), behaviour, false, scratch);
    }
    void operator()(const ByteLevelStep& step) const
    {
        Piece spaced = piece;
        if (step.addsPrefixSpace && !contentOf(piece, text, scratch).starts_with(' '))
            spaced.hasSpace = true;
        if (!step.regex) {
            scratch.next.push_back(spaced);
            return;
        }
        const std::string_view content = contentOf(spaced, text, scratch);
        step.regex->findAll(content, scratch.matches);
        splitPiece(spaced, content.size(), SplitBehaviour::Isolated, false, scratch);
    }
};

} // namespace

const char* gpt2Pattern()
{
    return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
}

const std::vector<Piece>& PreTokenizer::split(std::string_view text, Scratch& scratch) const
{
    scratch.pieces.clear();
    if (!text.empty())
        scratch.pieces.push_back({0, text.size(), false});
    for (const Step& step : m_steps) {
        scratch.next.clear();
        for (const Piece& piece : scratch.pieces)
            std::visit(Apply {text, scratch, piece}, step);
        std::swap(scratch.pieces, scratch.next);
    }
    return scratch.pieces;
}

} // namespace tw
