// SPDX-License-Identifier: Apache-2.0
#include "core/objective/chosen_tokens.h"

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

/// SpanBERT's lengths: geometric with this probability to end, drawn again beyond the longest;
/// 3.8 words on average (Joshi et al. 2020, section 3.1).
constexpr double kSpanEnds = 0.2;
constexpr std::int64_t kLongestSpan = 10;

/// Metaspace's and byte-level BPE's mark of a blank before the token.
bool beginsWord(const std::string& text)
{
    return text.starts_with("\u2581") || text.starts_with("\u0120");
}

} // namespace

TokenChooser::TokenChooser(const Batch& batch,
                           const Tokenizer& tokenizer,
                           const ChoiceOptions& options,
                           RandomStream& random)
    : m_batch(batch)
    , m_tokenizer(tokenizer)
    , m_options(options)
    , m_random(random)
    , m_marksBegins(std::ranges::any_of(
          batch.ids, [&](std::int64_t id) { return beginsWord(tokenizer.tokenText(id)); }))
{
}

std::vector<TokenPlaces> TokenChooser::chosen(std::int64_t row) const
{
    const std::vector<TokenPlaces> all = unitsOf(row);
    if (m_options.unit == ChosenUnit::Tokens)
        return independently(all);
    std::size_t tokens = 0;
    for (const TokenPlaces& unit : all)
        tokens += unit.size();
    const auto budget = static_cast<std::size_t>(
        std::max(1LL, std::llrint(static_cast<double>(tokens) * m_options.rate)));
    return m_options.unit == ChosenUnit::Words ? words(all, budget) : spans(all, budget);
}

/// Tokens that may be chosen, in the words that they make.
std::vector<TokenPlaces> TokenChooser::unitsOf(std::int64_t row) const
{
    const auto first = static_cast<std::size_t>(m_batch.rowStarts[static_cast<std::size_t>(row)]);
    const auto end = static_cast<std::size_t>(m_batch.rowStarts[static_cast<std::size_t>(row) + 1]);
    std::vector<TokenPlaces> units;
    bool isOpen = false; // whether the last unit may go on
    for (std::size_t i = first; i < end; ++i) {
        // A row's first token has no target before it that would say whether it is trained.
        const bool isTrained = m_batch.targets[i == first ? i : i - 1] != -100;
        if (m_tokenizer.isSpecial(m_batch.ids[i]) || !isTrained) {
            isOpen = false;
            continue;
        }
        const std::string text = m_tokenizer.tokenText(m_batch.ids[i]);
        const bool goesOn = text.starts_with("##") || (m_marksBegins && !beginsWord(text));
        if (isOpen && goesOn && m_options.unit != ChosenUnit::Tokens)
            units.back().push_back(i);
        else
            units.push_back({i});
        isOpen = true;
    }
    return units;
}

std::vector<TokenPlaces> TokenChooser::independently(const std::vector<TokenPlaces>& all) const
{
    std::vector<TokenPlaces> some;
    for (const TokenPlaces& unit : all)
        if (m_random.uniform() < m_options.rate)
            some.push_back(unit);
    return some;
}

std::vector<TokenPlaces> TokenChooser::words(const std::vector<TokenPlaces>& all,
                                             std::size_t budget) const
{
    std::vector<TokenPlaces> some;
    std::size_t taken = 0;
    for (const std::int64_t at : m_random.permutation(static_cast<std::int64_t>(all.size()))) {
        const TokenPlaces& word = all[static_cast<std::size_t>(at)];
        if (!some.empty() && taken + word.size() > budget)
            continue;
        some.push_back(word);
        taken += word.size();
    }
    return some;
}

std::vector<TokenPlaces> TokenChooser::spans(const std::vector<TokenPlaces>& all,
                                             std::size_t budget) const
{
    std::vector<TokenPlaces> some;
    std::vector<bool> isTaken(all.size(), false);
    std::size_t taken = 0;
    for (const std::int64_t at : m_random.permutation(static_cast<std::int64_t>(all.size()))) {
        if (taken >= budget)
            break;
        TokenPlaces span;
        auto word = static_cast<std::size_t>(at);
        for (std::int64_t left = spanLength(); left > 0 && word < all.size(); --left, ++word) {
            const bool isFirst = some.empty() && span.empty();
            if (isTaken[word] || (!isFirst && taken + span.size() + all[word].size() > budget))
                break;
            span.insert(span.end(), all[word].begin(), all[word].end());
            isTaken[word] = true;
        }
        taken += span.size();
        if (!span.empty())
            some.push_back(std::move(span));
    }
    return some;
}

std::int64_t TokenChooser::spanLength() const
{
    for (;;) {
        std::int64_t length = 1;
        while (length <= kLongestSpan && m_random.uniform() >= kSpanEnds)
            ++length;
        if (length <= kLongestSpan)
            return length;
    }
}

} // namespace tw
