// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/layout.h"

#include <vector>

namespace tw {

/// Pictures of one size, one after the other: each [channels, height, width].
struct PictureRows
{
    std::int64_t channels = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<float> values = {};
};

/// One batch for a forward pass, packed: rows stand one after the other in a single sequence, none
/// attends to another, no padding. Token i of the batch is ids[i] at positions[i] of its row; rows
/// start at rowStarts (rowStarts.back() == ids.size()). targets[i] is the id that position i has to
/// predict, or -100; of RowUse::TokenLabels its class. Of preferences, rows 2i and 2i + 1 are the
/// chosen and the rejected one of a pair.
struct Batch
{
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> rowStarts;
    std::vector<std::int64_t> targets;
    std::vector<float> weights = {}; ///< of each target; empty: 1
    std::vector<std::int64_t> types = {}; ///< of each token; empty: 0
    std::vector<std::int64_t> sourceIds = {}; ///< what an encoder reads, packed likewise
    std::vector<std::int64_t> sourceStarts = {};
    std::vector<std::vector<double>> labels = {}; ///< of each row; empty: they have none
    /// Of each row among those of its data, where a chosen and its rejected one count as two.
    std::vector<std::int64_t> rowNumbers = {};
    /// Of each row, where its picture or sound lies; empty: they have none.
    std::vector<std::string> files = {};
    PictureRows pictures = {}; ///< of each row, as the model sees it; empty: they have none
    std::vector<std::vector<float>> sounds = {}; ///< samples of each row; empty: they have none
    bool masksSounds = true; ///< whether the model is told which samples fill up a row
    std::vector<double> references = {}; ///< of each row: what Objective::reference said
    /// Of each row, how many tokens at its beginning see each other in both directions; empty:
    /// none.
    std::vector<std::int64_t> prefixes = {};
    std::vector<std::uint8_t> isUnseen =
        {}; ///< of each token: no token sees it; empty: all are seen
    std::vector<std::int64_t> ways = {}; ///< of each row, in which of its ways an objective made it

    std::int64_t tokenCount() const { return static_cast<std::int64_t>(ids.size()); }
    std::int64_t rowCount() const { return static_cast<std::int64_t>(rowStarts.size()) - 1; }
    std::int64_t trainedCount() const; ///< tokens that are targets
    std::int64_t longestRow() const; ///< tokens; 0 without rows
};

/// Shifts isTrained into targets (position i predicts token i + 1) and concatenates; rejected rows
/// stand behind their chosen ones.
Batch packRows(const std::vector<const TokenizedRow*>& rows);

/// Order in which an epoch visits rows. Without length grouping a permutation; with it rows of like
/// length share a batch while batches stay in random order. Depends on (seed, epoch) only, so a
/// resumed run sees the same rows.
std::vector<std::int64_t> epochOrder(const std::vector<std::int64_t>& lengths,
                                     std::int64_t batchRows,
                                     bool groupByLength,
                                     std::uint64_t seed,
                                     std::int64_t epoch);

} // namespace tw
