// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/batch.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tw {

/// Batches by number: batch i is the same whenever it is asked for, so a resumed run only needs to
/// know how many batches were used.
class BatchSource
{
public:
    virtual ~BatchSource() = default;
    virtual Batch batch(std::int64_t index) const = 0; ///< index from 0, without end
    virtual std::int64_t batchesPerEpoch() const = 0;
};

/// Goes through rows epoch after epoch in an order that depends on (seed, epoch) only; the last
/// batch of an epoch may be smaller. Throws Error where there are no rows.
std::unique_ptr<BatchSource> shuffledBatches(std::vector<TokenizedRow> rows,
                                             std::int64_t batchRows,
                                             bool groupByLength,
                                             std::uint64_t seed);
/// Goes through rows in their order, for evaluation.
std::unique_ptr<BatchSource> orderedBatches(std::vector<TokenizedRow> rows, std::int64_t batchRows);

/// The batches of `rows` with a number for each row (Batch::references), by its number.
std::unique_ptr<BatchSource> referencedBatches(std::unique_ptr<BatchSource> rows,
                                               std::vector<double> references);

} // namespace tw
