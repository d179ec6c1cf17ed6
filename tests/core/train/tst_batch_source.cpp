// SPDX-License-Identifier: Apache-2.0
#include "core/train/batch_source.h"

#include <QTest>

#include <set>

using namespace tw;

namespace {

/// Row i has i + 2 tokens, all of id i.
std::vector<TokenizedRow> rowsOf(std::int64_t count)
{
    std::vector<TokenizedRow> rows;
    for (std::int64_t i = 0; i < count; ++i) {
        TokenizedRow row;
        row.ids.assign(static_cast<std::size_t>(i + 2), i);
        row.isTrained.assign(row.ids.size(), 1);
        row.kinds.assign(row.ids.size(), TokenKind::Answer);
        rows.push_back(row);
    }
    return rows;
}

std::multiset<std::int64_t>
rowsIn(const BatchSource& source, std::int64_t firstBatch, std::int64_t count)
{
    std::multiset<std::int64_t> seen;
    for (std::int64_t i = firstBatch; i < firstBatch + count; ++i) {
        const Batch batch = source.batch(i);
        for (std::size_t r = 0; r + 1 < batch.rowStarts.size(); ++r)
            seen.insert(batch.ids[static_cast<std::size_t>(batch.rowStarts[r])]);
    }
    return seen;
}

} // namespace

class TestBatchSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyEpochVisitsEveryRowOnce()
    {
        const auto source = shuffledBatches(rowsOf(11), 4, false, 7);
        QCOMPARE(source->batchesPerEpoch(), 3);
        const std::multiset<std::int64_t> all {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        QVERIFY(rowsIn(*source, 0, 3) == all);
        QVERIFY(rowsIn(*source, 3, 3) == all);
    }

    void aBatchIsTheSameWheneverItIsAskedFor()
    {
        const auto one = shuffledBatches(rowsOf(11), 4, true, 7);
        const auto two = shuffledBatches(rowsOf(11), 4, true, 7);
        one->batch(0);
        QVERIFY(one->batch(7).ids == two->batch(7).ids);
        QVERIFY(one->batch(1).ids == two->batch(1).ids);
    }

    void epochsDifferAndSeedsDiffer()
    {
        const auto source = shuffledBatches(rowsOf(40), 40, false, 7);
        QVERIFY(source->batch(0).ids != source->batch(1).ids);
        QVERIFY(source->batch(0).ids != shuffledBatches(rowsOf(40), 40, false, 8)->batch(0).ids);
    }

    void evaluationKeepsTheOrderOfTheRows()
    {
        const auto source = orderedBatches(rowsOf(3), 2);
        QVERIFY(source->batch(0).ids == (std::vector<std::int64_t> {0, 0, 1, 1, 1}));
        QVERIFY(source->batch(1).ids == (std::vector<std::int64_t> {2, 2, 2, 2}));
    }

    void noRowsAreRefused() { QVERIFY_EXCEPTION_THROWN(orderedBatches({}, 2), Error); }
};

QTEST_APPLESS_MAIN(TestBatchSource)
#include "tst_batch_source.moc"
