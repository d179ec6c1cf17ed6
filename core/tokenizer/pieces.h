// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for the pre-tokenizers.
#include "core/tokenizer/code_points.h"
#include "core/tokenizer/pre_tokenizer.h"

namespace tw {

/// Appends what becomes of `piece` to pieces.next, after pieces.matches (places in the piece).
void cutPiece(Pieces& pieces, TextRange piece, SplitBehaviour behaviour, bool isInverted = false);

/// Cuts every piece where find(text, matches) finds something in it.
template <typename Find>
void cutPieces(Pieces& pieces, SplitBehaviour behaviour, bool isInverted, Find find)
{
    pieces.next.clear();
    for (const TextRange& piece : pieces.ranges) {
        pieces.matches.clear();
        find(pieces.text.view(piece), pieces.matches);
        cutPiece(pieces, piece, behaviour, isInverted);
    }
    pieces.ranges.swap(pieces.next);
}

/// Cuts every piece at the characters that predicate is true of.
template <typename Predicate>
void cutAtPoints(Pieces& pieces, SplitBehaviour behaviour, Predicate predicate)
{
    cutPieces(pieces, behaviour, false,
              [&](std::string_view text, std::vector<Regex::Match>& matches) {
                  for (std::size_t at = 0; at < text.size();) {
                      const std::size_t begin = at;
                      if (predicate(nextPoint(text, at)))
                          matches.emplace_back(begin, at);
                  }
              });
}

/// Writes the text anew, piece by piece: write(out, piece) puts a piece's new form. What no piece
/// covers is left out.
template <typename Write>
void rewritePieces(Pieces& pieces, Write write)
{
    Rewriter out(pieces.text);
    pieces.next.clear();
    for (const TextRange& piece : pieces.ranges) {
        const std::size_t begin = out.size();
        write(out, piece);
        if (out.size() > begin)
            pieces.next.push_back({begin, out.size()});
    }
    out.finish();
    pieces.ranges.swap(pieces.next);
}

} // namespace tw
