// SPDX-License-Identifier: Apache-2.0
#include "core/objective/span_corruption.h"

#include "core/base/error.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace tw {
namespace {

/// As many as T5's vocabulary has.
constexpr std::int64_t kSpelledSentinels = 100;

std::string sentinelText(std::int64_t number)
{
    return "<extra_id_" + std::to_string(number) + ">";
}

/// To the nearest whole number, halves to even: the rounding that C++ starts with.
std::int64_t rounded(double value)
{
    return static_cast<std::int64_t>(std::nearbyint(value));
}

bool fits(std::int64_t tokens, const SpanPlan& plan, const DenoisedLimits& limits)
{
    const SpanCounts counts = spanCounts(tokens, plan);
    const std::int64_t marks = counts.spans * limits.sentinelLength;
    const std::int64_t source = tokens - counts.hidden + marks + limits.sourceExtra;
    const std::int64_t target = counts.hidden + marks + limits.targetExtra;
    return source <= limits.source && target <= limits.target
        && (limits.both == 0 || source + target <= limits.both)
        && (limits.sentinels == 0 || counts.spans <= limits.sentinels);
}

} // namespace

SpanCounts spanCounts(std::int64_t tokens, const SpanPlan& plan)
{
    SpanCounts counts;
    counts.hidden = std::clamp<std::int64_t>(rounded(static_cast<double>(tokens) * plan.rate), 1,
                                             std::max<std::int64_t>(1, tokens - 1));
    const std::int64_t wanted = rounded(static_cast<double>(counts.hidden) / plan.meanLength);
    counts.spans = std::clamp<std::int64_t>(
        wanted, 1, std::max<std::int64_t>(1, std::min(counts.hidden, tokens - counts.hidden)));
    return counts;
}

std::vector<std::int64_t> composition(std::int64_t total, std::int64_t parts, RandomStream& random)
{
    std::vector<std::int64_t> cuts = random.permutation(total - 1);
    cuts.resize(static_cast<std::size_t>(parts - 1));
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::int64_t> lengths;
    std::int64_t done = 0;
    for (const std::int64_t cut : cuts) { // behind the item with this number
        lengths.push_back(cut + 1 - done);
        done = cut + 1;
    }
    lengths.push_back(total - done);
    return lengths;
}

std::vector<bool> hiddenTokens(std::int64_t tokens, const SpanPlan& plan, RandomStream& random)
{
    const SpanCounts counts = spanCounts(tokens, plan);
    const auto hidden = composition(counts.hidden, counts.spans, random);
    const auto kept = composition(tokens - counts.hidden, counts.spans, random);
    std::vector<bool> isHidden;
    for (std::size_t span = 0; span < hidden.size(); ++span) {
        isHidden.insert(isHidden.end(), static_cast<std::size_t>(kept[span]), false);
        isHidden.insert(isHidden.end(), static_cast<std::size_t>(hidden[span]), true);
    }
    return isHidden;
}

Sentinels::Sentinels(const Tokenizer& tokenizer)
{
    for (std::int64_t i = 0; const auto id = tokenizer.idOf(sentinelText(i)); ++i)
        m_ids.push_back({*id});
    if (!m_ids.empty())
        return;
    for (std::int64_t i = 0; i < kSpelledSentinels; ++i) {
        m_ids.push_back(tokenizer.encode(sentinelText(i), false).ids);
        m_longest = std::max(m_longest, static_cast<std::int64_t>(m_ids.back().size()));
    }
}

const std::vector<std::int64_t>& Sentinels::at(std::int64_t span) const
{
    if (span >= count())
        throw Error("A text has more hidden spans than the " + std::to_string(count())
                        + " sentinels that the tokenizer knows.",
                    "Shorten the texts, or choose longer spans.");
    return m_ids[static_cast<std::size_t>(span)];
}

SourceAndTarget withSentinels(const std::vector<std::int64_t>& text,
                              const std::vector<bool>& isHidden,
                              const Sentinels& sentinels)
{
    SourceAndTarget parts;
    std::int64_t span = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isFirst = isHidden[i] && (i == 0 || !isHidden[i - 1]);
        if (isFirst) {
            const auto& sentinel = sentinels.at(span++);
            parts.source.insert(parts.source.end(), sentinel.begin(), sentinel.end());
            parts.target.insert(parts.target.end(), sentinel.begin(), sentinel.end());
        }
        (isHidden[i] ? parts.target : parts.source).push_back(text[i]);
    }
    return parts;
}

std::int64_t longestText(const SpanPlan& plan, const DenoisedLimits& limits)
{
    std::int64_t tokens = 2;
    while (tokens + 1 <= limits.source + limits.target && fits(tokens + 1, plan, limits))
        ++tokens;
    return tokens;
}

} // namespace tw
