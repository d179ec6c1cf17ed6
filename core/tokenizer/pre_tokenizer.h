// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/regex.h"

#include <optional>
#include <variant>

namespace tw {

/// A stretch [begin, end) of a text that is tokenised by itself; `hasSpace`: with a space in front
/// that the text lacks.
struct Piece
{
    std::size_t begin = 0;
    std::size_t end = 0;
    bool hasSpace = false;

    bool isEmpty() const { return begin == end && !hasSpace; }
};

/// What becomes of the stretches that a pattern finds.
enum class SplitBehaviour
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous
};

struct SplitStep
{
    std::variant<Regex, std::string> pattern; ///< a text is looked for as it is
    SplitBehaviour behaviour = SplitBehaviour::Isolated;
    bool isInverted = false; ///< the pattern finds what stays, not what separates
};
struct DigitsStep
{
    bool isIndividual = false;
};
struct ByteLevelStep
{
    bool addsPrefixSpace = false;
    std::optional<Regex> regex; ///< GPT-2's, where it is used
};

/// Cuts a text into pieces, step by step.
class PreTokenizer
{
public:
    using Step = std::variant<SplitStep, DigitsStep, ByteLevelStep>;

    /// Room that is used again from call to call; one per thread.
    struct Scratch
    {
        std::vector<Piece> pieces;
        std::vector<Piece> next;
        std::vector<Regex::Match> matches;
        std::vector<std::pair<Regex::Match, bool>> parts; ///< stretch; whether it matched
        std::string spaced;
    };

    explicit PreTokenizer(std::vector<Step> steps)
        : m_steps(std::move(steps))
    {
    }
    /// The pieces of text (well-formed UTF-8), none of them empty; they live in scratch.
    const std::vector<Piece>& split(std::string_view text, Scratch& scratch) const;

private:
    std::vector<Step> m_steps;
};

/// 's|'t|... : what GPT-2 and every ByteLevel pre-tokenizer split by.
const char* gpt2Pattern();

} // namespace tw
