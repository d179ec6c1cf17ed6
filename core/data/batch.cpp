// SPDX-License-Identifier: Apache-2.0
#include "core/data/batch.h"

#include "core/base/random.h"

#include <algorithm>
#include <string>

namespace tw {
namespace {

constexpr std::int64_t kNoTarget = -100; // what cross_entropy ignores

/// With grouping, the order is sorted within stretches of this many batches: like lengths meet, yet
/// batches still differ from epoch to epoch. Hugging Face's sampler uses 50 as well.
constexpr std::int64_t kBatchesPerStretch = 50;

void shuffle(std::vector<std::vector<std::int64_t>>& batches, RandomStream& random)
{
    std::vector<std::vector<std::int64_t>> shuffled;
    shuffled.reserve(batches.size());
    for (const std::int64_t i : random.permutation(static_cast<std::int64_t>(batches.size())))
        shuffled.push_back(std::move(batches[static_cast<std::size_t>(i)]));
    batches = std::move(shuffled);
}

/// Where labels of tokens are given, they are the targets; else each token is that of the one
/// before it.
std::int64_t targetOf(const TokenizedRow& row, std::size_t place)
{
    if (!row.tokenLabels.empty())
        return row.tokenLabels[place];
    const bool isTarget = place + 1 < row.ids.size() && row.isTrained[place + 1] != 0;
    if (!isTarget)
        return kNoTarget;
    return row.wanted.empty() ? row.ids[place + 1] : row.wanted[place + 1];
}

void addRow(Batch& batch, const TokenizedRow& row)
{
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        batch.ids.push_back(row.ids[i]);
        batch.positions.push_back(static_cast<std::int64_t>(i));
        batch.targets.push_back(targetOf(row, i));
        batch.types.push_back(row.types.empty() ? 0 : row.types[i]);
        const std::size_t target = row.tokenLabels.empty() ? i + 1 : i;
        const bool isWeighted = target < row.weights.size();
        batch.weights.push_back(isWeighted ? row.weights[target] : 1.0F);
    }
    batch.rowStarts.push_back(batch.tokenCount());
    if (!row.labels.empty())
        batch.labels.push_back(row.labels);
    if (!row.file.empty())
        batch.files.push_back(row.file);
    if (!row.sound.empty())
        batch.sounds.push_back(row.sound);
    if (row.source.empty())
        return;
    if (batch.sourceStarts.empty())
        batch.sourceStarts.push_back(0);
    batch.sourceIds.insert(batch.sourceIds.end(), row.source.begin(), row.source.end());
    batch.sourceStarts.push_back(static_cast<std::int64_t>(batch.sourceIds.size()));
}

} // namespace

std::int64_t Batch::trainedCount() const
{
    return std::count_if(targets.begin(), targets.end(),
                         [](std::int64_t target) { return target != kNoTarget; });
}

std::int64_t Batch::longestRow() const
{
    std::int64_t longest = 0;
    for (std::size_t i = 0; i + 1 < rowStarts.size(); ++i)
        longest = std::max(longest, rowStarts[i + 1] - rowStarts[i]);
    return longest;
}

Batch packRows(const std::vector<const TokenizedRow*>& rows)
{
    Batch batch;
    batch.rowStarts.push_back(0);
    for (const TokenizedRow* row : rows) {
        addRow(batch, *row);
        for (const TokenizedRow& rejected : row->rejected)
            addRow(batch, rejected);
    }
    if (std::ranges::all_of(batch.weights, [](float weight) { return weight == 1.0F; }))
        batch.weights.clear();
    if (std::ranges::all_of(batch.types, [](std::int64_t type) { return type == 0; }))
        batch.types.clear();
    return batch;
}

std::vector<std::int64_t> epochOrder(const std::vector<std::int64_t>& lengths,
                                     std::int64_t batchRows,
                                     bool groupByLength,
                                     std::uint64_t seed,
                                     std::int64_t epoch)
{
    if (batchRows < 1)
        throw Error("A batch needs at least one row.", "Set the rows per batch to 1 or more.");
    RandomStream random(seed, "data-order-" + std::to_string(epoch));
    std::vector<std::int64_t> order = random.permutation(static_cast<std::int64_t>(lengths.size()));
    if (!groupByLength)
        return order;
    const auto length = [&](std::int64_t row) { return lengths[static_cast<std::size_t>(row)]; };
    std::vector<std::vector<std::int64_t>> batches;
    const auto count = static_cast<std::int64_t>(order.size());
    std::vector<std::int64_t> rest; // the one batch that is not full comes last
    for (std::int64_t from = 0; from < count; from += batchRows * kBatchesPerStretch) {
        const auto end = order.begin() + std::min(count, from + batchRows * kBatchesPerStretch);
        std::stable_sort(order.begin() + from, end,
                         [&](auto a, auto b) { return length(a) > length(b); });
        for (auto at = order.begin() + from; at < end;
             at += std::min<std::ptrdiff_t>(batchRows, end - at)) {
            std::vector<std::int64_t> batch(at, at + std::min<std::ptrdiff_t>(batchRows, end - at));
            if (static_cast<std::int64_t>(batch.size()) == batchRows)
                batches.push_back(std::move(batch));
            else
                rest = std::move(batch);
        }
    }
    shuffle(batches, random);
    order.clear();
    for (const auto& batch : batches)
        order.insert(order.end(), batch.begin(), batch.end());
    order.insert(order.end(), rest.begin(), rest.end());
    return order;
}

} // namespace tw
