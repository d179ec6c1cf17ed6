// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <vector>

namespace tw {

// Spans of a text are taken out, each leaves a sentinel behind, and the model writes what was there
// (Raffel et al. 2020, section 3.1.4). Counts follow from the length alone; only places are drawn.

struct SpanPlan
{
    double meanLength = 3.0; ///< of a span, in tokens
    double rate = 0.15; ///< share of the tokens that are taken out
};

struct SpanCounts
{
    std::int64_t hidden = 0; ///< tokens that are taken out
    std::int64_t spans = 0;
};
/// Of a text of at least two tokens. Halves are rounded to even, as T5's code does.
SpanCounts spanCounts(std::int64_t tokens, const SpanPlan& plan);

/// Splits `total` into so many positive parts; each way to do so is equally likely.
std::vector<std::int64_t> composition(std::int64_t total, std::int64_t parts, RandomStream& random);

/// For each token whether it is taken out. Begins with a kept span and ends with a hidden one.
std::vector<bool> hiddenTokens(std::int64_t tokens, const SpanPlan& plan, RandomStream& random);

/// What stands for the spans, in their order.
class Sentinels
{
public:
    /// The tokenizer's <extra_id_0>, <extra_id_1> ... as far as it has them. Where it has none, the
    /// same texts in several tokens each.
    explicit Sentinels(const Tokenizer& tokenizer);

    std::int64_t count() const { return static_cast<std::int64_t>(m_ids.size()); }
    std::int64_t longest() const { return m_longest; } ///< tokens
    const std::vector<std::int64_t>& at(std::int64_t span) const;

private:
    std::vector<std::vector<std::int64_t>> m_ids;
    std::int64_t m_longest = 1;
};

/// What a model reads and what it then writes, without an end token.
struct SourceAndTarget
{
    std::vector<std::int64_t> source;
    std::vector<std::int64_t> target;
};
/// source: kept 0, sentinel 0, kept 1, sentinel 1 ...; target: sentinel 0, hidden 0, sentinel 1 ...
SourceAndTarget withSentinels(const std::vector<std::int64_t>& text,
                              const std::vector<bool>& isHidden,
                              const Sentinels& sentinels);

/// How long what is made of a text may be, in tokens.
struct DenoisedLimits
{
    std::int64_t source = 0;
    std::int64_t target = 0;
    std::int64_t both = 0; ///< where they stand in one row; 0: they do not
    std::int64_t sourceExtra = 0; ///< besides text and sentinels: a mode, an end
    std::int64_t targetExtra = 0;
    std::int64_t sentinelLength = 1;
    std::int64_t sentinels = 0; ///< how many there are; 0: enough
};
/// The longest text that keeps to the limits, grown from two tokens on.
std::int64_t longestText(const SpanPlan& plan, const DenoisedLimits& limits);

} // namespace tw
