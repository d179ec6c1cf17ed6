// SPDX-License-Identifier: Apache-2.0
#include "core/data/batch.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace tw;

namespace {

using Numbers = std::vector<std::int64_t>;

Numbers lengthsOf(std::size_t count)
{
    Numbers lengths(count);
    for (std::size_t i = 0; i < count; ++i)
        lengths[i] = static_cast<std::int64_t>(i * 37 % 101);
    return lengths;
}

bool isPermutation(Numbers order)
{
    std::sort(order.begin(), order.end());
    Numbers all(order.size());
    std::iota(all.begin(), all.end(), 0);
    return order == all;
}

} // namespace

class TestBatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPositionPredictsTheNextTokenOfItsOwnRow()
    {
        TokenizedRow first;
        first.ids = {5, 6, 7};
        first.isTrained = {0, 1, 1};
        TokenizedRow second;
        second.ids = {8, 9};
        second.isTrained = {1, 0}; // the first token of a row has nothing before it
        const Batch batch = packRows({&first, &second});
        QCOMPARE(batch.ids, (Numbers {5, 6, 7, 8, 9}));
        QCOMPARE(batch.positions, (Numbers {0, 1, 2, 0, 1}));
        QCOMPARE(batch.rowStarts, (Numbers {0, 3, 5}));
        QCOMPARE(batch.targets, (Numbers {6, 7, -100, -100, -100}));
        QCOMPARE(batch.tokenCount(), 5);
        QCOMPARE(batch.trainedCount(), 2);
        QCOMPARE(batch.longestRow(), 3);
    }

    void everyEpochVisitsEachRowOnceInItsOwnOrder()
    {
        const Numbers lengths = lengthsOf(103);
        const Numbers first = epochOrder(lengths, 4, false, 7, 0);
        QVERIFY(isPermutation(first));
        QCOMPARE(epochOrder(lengths, 4, false, 7, 0), first);
        QVERIFY(epochOrder(lengths, 4, false, 7, 1) != first);
        QVERIFY(epochOrder(lengths, 4, false, 8, 0) != first);
    }

    void groupingPutsLikeLengthsTogether()
    {
        const Numbers lengths = lengthsOf(403);
        const Numbers grouped = epochOrder(lengths, 4, true, 7, 2);
        QVERIFY(isPermutation(grouped));
        QVERIFY(epochOrder(lengths, 4, true, 7, 3) != grouped);
        const auto padding = [&](const Numbers& order) {
            std::int64_t sum = 0;
            for (std::size_t from = 0; from < order.size(); from += 4) {
                std::int64_t longest = 0;
                std::int64_t total = 0;
                const std::size_t end = std::min(order.size(), from + 4);
                for (std::size_t i = from; i < end; ++i) {
                    const std::int64_t length = lengths[static_cast<std::size_t>(order[i])];
                    longest = std::max(longest, length);
                    total += length;
                }
                sum += longest * static_cast<std::int64_t>(end - from) - total;
            }
            return sum;
        };
        QVERIFY(padding(grouped) * 5 < padding(epochOrder(lengths, 4, false, 7, 2)));
        QVERIFY(!std::is_sorted(grouped.begin(), grouped.end(), [&](auto a, auto b) {
            return lengths[static_cast<std::size_t>(a)] > lengths[static_cast<std::size_t>(b)];
        }));
    }

    void aBatchOfNoRowsIsRefused()
    {
        QVERIFY_THROWS_EXCEPTION(Error, epochOrder({1, 2}, 0, false, 0, 0));
    }
};

QTEST_APPLESS_MAIN(TestBatch)
#include "tst_batch.moc"
