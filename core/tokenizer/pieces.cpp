// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/pieces.h"

#include <algorithm>

namespace tw {
namespace {

using Parts = std::vector<std::pair<TextRange, bool>>;

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
        parts.push_back({{match.first, match.second}, !isInverted});
        at = match.second;
    }
    if (at != length)
        parts.push_back({{at, length}, isInverted});
}

/// Joins matches with a neighbour, or neighbours of one kind with each other.
void joinParts(SplitBehaviour behaviour, Parts& parts, Parts& joined)
{
    const bool isBackwards = behaviour == SplitBehaviour::MergedWithNext;
    if (isBackwards)
        std::reverse(parts.begin(), parts.end());
    joined.clear();
    bool wasMatch = false;
    for (const auto& [stretch, isMatch] : parts) {
        const bool joins =
            behaviour == SplitBehaviour::Contiguous ? isMatch == wasMatch : isMatch && !wasMatch;
        wasMatch = isMatch;
        if (!joins || joined.empty())
            joined.push_back({stretch, false});
        else if (isBackwards)
            joined.back().first.begin = stretch.begin;
        else
            joined.back().first.end = stretch.end;
    }
    if (isBackwards)
        std::reverse(joined.begin(), joined.end());
    parts.swap(joined);
}

} // namespace

void cutPiece(Pieces& pieces, TextRange piece, SplitBehaviour behaviour, bool isInverted)
{
    if (pieces.matches.empty() && (!isInverted || behaviour != SplitBehaviour::Removed)) {
        pieces.next.push_back(piece);
        return;
    }
    toParts(piece.end - piece.begin, pieces.matches, isInverted, pieces.parts);
    if (behaviour != SplitBehaviour::Removed && behaviour != SplitBehaviour::Isolated)
        joinParts(behaviour, pieces.parts, pieces.joined);
    for (const auto& [stretch, isMatch] : pieces.parts) {
        if (stretch.isEmpty() || (isMatch && behaviour == SplitBehaviour::Removed))
            continue;
        pieces.next.push_back({piece.begin + stretch.begin, piece.begin + stretch.end});
    }
}

} // namespace tw
