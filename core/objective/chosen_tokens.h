// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

/// What is chosen together.
enum class ChosenUnit
{
    Tokens, ///< each for itself
    Words, ///< all pieces of a word
    Spans ///< words in a row
};

struct ChoiceOptions
{
    double rate = 0.15; ///< share of a row's tokens
    ChosenUnit unit = ChosenUnit::Tokens;
};

using TokenPlaces = std::vector<std::size_t>; ///< in the batch

/// Chooses tokens of a batch that a model has to restore: never special ones, and of rows that are
/// trained in part only trained ones. What it is given has to outlive it.
class TokenChooser
{
public:
    TokenChooser(const Batch& batch,
                 const Tokenizer& tokenizer,
                 const ChoiceOptions& options,
                 RandomStream& random);

    /// Tokens are drawn one by one with the rate. Words and spans are drawn until they make up the
    /// rate's share of the row, rounded, and no more; but at least one word is.
    std::vector<TokenPlaces> chosen(std::int64_t row) const;

private:
    std::vector<TokenPlaces> unitsOf(std::int64_t row) const;
    std::vector<TokenPlaces> independently(const std::vector<TokenPlaces>& all) const;
    std::vector<TokenPlaces> words(const std::vector<TokenPlaces>& all, std::size_t budget) const;
    std::vector<TokenPlaces> spans(const std::vector<TokenPlaces>& all, std::size_t budget) const;
    std::int64_t spanLength() const;

    const Batch& m_batch;
    const Tokenizer& m_tokenizer;
    ChoiceOptions m_options;
    RandomStream& m_random;
    bool m_marksBegins; ///< of words; else their continuations are marked, or nothing is
};

} // namespace tw
