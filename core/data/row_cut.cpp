// SPDX-License-Identifier: Apache-2.0
#include "core/data/row_cut.h"

#include <algorithm>

namespace tw {
namespace {

/// Takes `count` tokens out from `from` on, with all that belongs to them.
void erase(TokenizedRow& row, std::size_t from, std::size_t count)
{
    const auto eraseFrom = [&](auto& values) {
        if (values.size() >= from + count)
            values.erase(values.begin() + static_cast<std::ptrdiff_t>(from),
                         values.begin() + static_cast<std::ptrdiff_t>(from + count));
    };
    eraseFrom(row.ids);
    eraseFrom(row.isTrained);
    eraseFrom(row.kinds);
    eraseFrom(row.wanted);
    eraseFrom(row.weights);
    eraseFrom(row.types);
    eraseFrom(row.tokenLabels);
    row.cutTokens += static_cast<std::int64_t>(count);
}

/// Where the texts stand between the tokens that were added: first and past the last token.
using Run = std::pair<std::size_t, std::size_t>;
std::vector<Run> textsIn(const TokenizedRow& row)
{
    std::vector<Run> runs;
    for (std::size_t i = 0; i < row.kinds.size(); ++i) {
        if (row.kinds[i] == TokenKind::Template)
            continue;
        if (runs.empty() || runs.back().second != i)
            runs.emplace_back(i, i);
        runs.back().second = i + 1;
    }
    return runs;
}

/// How many tokens of two texts are kept where both together may have `most`.
std::pair<std::size_t, std::size_t> keptOf(std::size_t first, std::size_t second, std::size_t most)
{
    std::size_t shorter = std::min(first, second);
    std::size_t longer = shorter > most ? shorter : std::max(shorter, most - shorter);
    if (shorter + longer > most) {
        shorter = most / 2;
        longer = shorter + most % 2;
    }
    return first > second ? std::pair {longer, shorter} : std::pair {shorter, longer};
}

} // namespace

TokenizedRow readRow(const Encoding& encoding)
{
    TokenizedRow row;
    row.ids = encoding.ids;
    row.isTrained.assign(row.ids.size(), 0);
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const bool isAdded =
            i >= encoding.spans.size() || encoding.spans[i].first == encoding.spans[i].second;
        row.kinds.push_back(isAdded ? TokenKind::Template : TokenKind::Prompt);
    }
    if (encoding.typeIds.size() == row.ids.size()
        && std::ranges::any_of(encoding.typeIds, [](std::int64_t type) { return type != 0; }))
        row.types = encoding.typeIds;
    return row;
}

void cutAtEnd(TokenizedRow& row, std::int64_t maxLength)
{
    const auto kept = static_cast<std::size_t>(maxLength);
    if (row.ids.size() > kept)
        erase(row, kept, row.ids.size() - kept);
}

void cutInside(TokenizedRow& row, std::int64_t maxLength)
{
    const auto most = static_cast<std::size_t>(maxLength);
    if (row.ids.size() <= most)
        return;
    const std::vector<Run> runs = textsIn(row);
    std::size_t texts = 0;
    for (const Run& run : runs)
        texts += run.second - run.first;
    const std::size_t around = row.ids.size() - texts;
    if (runs.empty() || runs.size() > 2 || around >= most)
        return cutAtEnd(row, maxLength);
    const auto lengthOf = [](const Run& run) { return run.second - run.first; };
    const std::size_t second = runs.size() > 1 ? lengthOf(runs[1]) : 0;
    const auto [keptFirst, keptSecond] = runs.size() > 1
        ? keptOf(lengthOf(runs[0]), second, most - around)
        : std::pair {most - around, std::size_t {0}};
    if (keptSecond < second)
        erase(row, runs[1].first + keptSecond, second - keptSecond);
    if (keptFirst < lengthOf(runs[0]))
        erase(row, runs[0].first + keptFirst, lengthOf(runs[0]) - keptFirst);
}

} // namespace tw
