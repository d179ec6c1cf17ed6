// SPDX-License-Identifier: Apache-2.0
#include "core/train/batch_source.h"

#include "core/base/error.h"

#include <algorithm>
#include <numeric>

namespace tw {
namespace {

/// What the two sources share: rows, and batch number -> (epoch, place in it).
class RowBatches : public BatchSource
{
public:
    RowBatches(std::vector<TokenizedRow> rows, std::int64_t batchRows)
        : m_rows(std::move(rows))
        , m_batchRows(batchRows)
    {
        if (m_rows.empty() || m_batchRows < 1)
            throw Error("There are no rows to make batches of.",
                        "Check the data and the filters in front of it.");
        for (const TokenizedRow& row : m_rows) {
            m_firsts.push_back(m_count);
            m_count += 1 + static_cast<std::int64_t>(row.rejected.size());
        }
    }

    std::int64_t batchesPerEpoch() const override
    {
        return (rowCount() + m_batchRows - 1) / m_batchRows;
    }

    Batch batch(std::int64_t index) const override
    {
        const auto& order = orderOf(index / batchesPerEpoch());
        const std::int64_t begin = index % batchesPerEpoch() * m_batchRows;
        const std::int64_t end = std::min(begin + m_batchRows, rowCount());
        std::vector<const TokenizedRow*> chosen;
        for (std::int64_t i = begin; i < end; ++i)
            chosen.push_back(&m_rows[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
        Batch batch = packRows(chosen);
        for (std::int64_t i = begin; i < end; ++i) {
            const auto row = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
            const auto rejected = static_cast<std::int64_t>(m_rows[row].rejected.size());
            for (std::int64_t part = 0; part <= rejected; ++part)
                batch.rowNumbers.push_back(m_firsts[row] + part);
        }
        return batch;
    }

protected:
    virtual const std::vector<std::int64_t>& orderOf(std::int64_t epoch) const = 0;
    std::int64_t rowCount() const { return static_cast<std::int64_t>(m_rows.size()); }

    std::vector<TokenizedRow> m_rows;
    std::int64_t m_batchRows;

private:
    std::vector<std::int64_t> m_firsts; ///< number of each row; a rejected one has the next
    std::int64_t m_count = 0;
};

class ReferencedBatches final : public BatchSource
{
public:
    ReferencedBatches(std::unique_ptr<BatchSource> rows, std::vector<double> references)
        : m_rows(std::move(rows))
        , m_references(std::move(references))
    {
    }

    Batch batch(std::int64_t index) const override
    {
        Batch batch = m_rows->batch(index);
        for (const std::int64_t row : batch.rowNumbers)
            batch.references.push_back(m_references.at(static_cast<std::size_t>(row)));
        return batch;
    }
    std::int64_t batchesPerEpoch() const override { return m_rows->batchesPerEpoch(); }

private:
    std::unique_ptr<BatchSource> m_rows;
    std::vector<double> m_references;
};

class ShuffledBatches final : public RowBatches
{
public:
    ShuffledBatches(std::vector<TokenizedRow> rows,
                    std::int64_t batchRows,
                    bool groupByLength,
                    std::uint64_t seed)
        : RowBatches(std::move(rows), batchRows)
        , m_groupByLength(groupByLength)
        , m_seed(seed)
    {
        for (const auto& row : m_rows)
            m_lengths.push_back(static_cast<std::int64_t>(row.ids.size()));
    }

private:
    const std::vector<std::int64_t>& orderOf(std::int64_t epoch) const override
    {
        if (epoch != m_epoch) {
            m_order = epochOrder(m_lengths, m_batchRows, m_groupByLength, m_seed, epoch);
            m_epoch = epoch;
        }
        return m_order;
    }

    bool m_groupByLength;
    std::uint64_t m_seed;
    std::vector<std::int64_t> m_lengths;
    mutable std::int64_t m_epoch =
        -1; ///< whose order m_order is: batches are asked for one after the other
    mutable std::vector<std::int64_t> m_order;
};

class OrderedBatches final : public RowBatches
{
public:
    OrderedBatches(std::vector<TokenizedRow> rows, std::int64_t batchRows)
        : RowBatches(std::move(rows), batchRows)
        , m_order(m_rows.size())
    {
        std::iota(m_order.begin(), m_order.end(), 0);
    }

private:
    const std::vector<std::int64_t>& orderOf(std::int64_t /*epoch*/) const override
    {
        return m_order;
    }

    std::vector<std::int64_t> m_order;
};

} // namespace

std::unique_ptr<BatchSource> shuffledBatches(std::vector<TokenizedRow> rows,
                                             std::int64_t batchRows,
                                             bool groupByLength,
                                             std::uint64_t seed)
{
    return std::make_unique<ShuffledBatches>(std::move(rows), batchRows, groupByLength, seed);
}

std::unique_ptr<BatchSource> orderedBatches(std::vector<TokenizedRow> rows, std::int64_t batchRows)
{
    return std::make_unique<OrderedBatches>(std::move(rows), batchRows);
}

std::unique_ptr<BatchSource> referencedBatches(std::unique_ptr<BatchSource> rows,
                                               std::vector<double> references)
{
    return std::make_unique<ReferencedBatches>(std::move(rows), std::move(references));
}

} // namespace tw
