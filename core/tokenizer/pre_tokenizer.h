// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/aligned_text.h"
#include "core/tokenizer/regex.h"

#include <memory>
#include <optional>

namespace tw {

/// A text cut into pieces that are tokenised by themselves, in order; none is empty. What lies
/// between them is left out.
struct Pieces
{
    AlignedText text;
    std::vector<TextRange> ranges;

    // Room that is used again from step to step.
    std::vector<TextRange> next;
    std::vector<Regex::Match> matches;
    std::vector<std::pair<TextRange, bool>> parts; ///< stretch; whether it matched
    std::vector<std::pair<TextRange, bool>> joined;

    /// One piece: all of the text.
    void reset()
    {
        ranges.clear();
        if (text.size() > 0)
            ranges.push_back({0, text.size()});
    }
};

/// Cuts pieces into smaller ones; some rewrite the text as well. Each behaves as its namesake in
/// Hugging Face's tokenizers. Any thread may use it.
class PreTokenizer
{
public:
    virtual ~PreTokenizer() = default;
    /// Throws Error where an expression takes too many steps on the text.
    virtual void split(Pieces& pieces) const = 0;
};
using PreTokenizerPtr = std::unique_ptr<const PreTokenizer>;

/// What becomes of the stretches that a pattern finds.
enum class SplitBehaviour
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous
};

/// isInverted: the pattern finds what stays, not what separates.
PreTokenizerPtr makeSplit(Pattern pattern, SplitBehaviour behaviour, bool isInverted = false);
PreTokenizerPtr makeDigits(bool isIndividual);
PreTokenizerPtr makePunctuation(SplitBehaviour behaviour);
PreTokenizerPtr makeWhitespace(); ///< words, and stretches of other characters
PreTokenizerPtr makeWhitespaceSplit();
PreTokenizerPtr makeBertPreTokenizer(); ///< blanks separate, every punctuation mark stands alone
PreTokenizerPtr makeCharDelimiterSplit(char32_t delimiter);
PreTokenizerPtr makeFixedLength(std::size_t characters);
PreTokenizerPtr makeUnicodeScripts();

/// GPT-2's: a space in front where there is none, then the pattern.
PreTokenizerPtr makeByteLevel(bool addsPrefixSpace, bool usesPattern);
/// Every byte becomes the letter that GPT-2 writes for it.
PreTokenizerPtr makeBytePieces();

/// Where Metaspace puts its mark in front of a text that does not begin with one.
enum class PrependScheme
{
    Always, ///< before each piece
    First, ///< before the one that begins the input
    Never
};
struct MetaspaceOptions
{
    char32_t replacement = 0x2581; ///< "▁", in place of each space
    PrependScheme scheme = PrependScheme::Always;
    bool splits = true; ///< before each mark
};
PreTokenizerPtr makeMetaspace(const MetaspaceOptions& options);

/// 's|'t|... : what GPT-2 and every ByteLevel pre-tokenizer split by.
const char* gpt2Pattern();

} // namespace tw
