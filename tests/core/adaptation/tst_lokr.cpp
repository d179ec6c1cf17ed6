// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lokr_delta.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"
#include "tests/core/adaptation/matrix.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

Problems checked(const ParamValues& settings)
{
    return adaptations().at("lokr").check(tinyModel()->sites(), {{SiteKind::AttnK, {0}}}, settings);
}

} // namespace

class TestLokr : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theChangeIsAKroneckerProduct()
    {
        const LokrDelta delta({{matrix({{1.0F, 2.0F}})}}, {{matrix({{3.0F}, {4.0F}})}}, 2.0, {});
        QVERIFY(at::equal(delta.matrix(), matrix({{6.0F, 12.0F}, {8.0F, 16.0F}})));
        QVERIFY(at::equal(delta.apply(matrix({{1.0F, 1.0F}})), matrix({{18.0F, 24.0F}})));
    }

    void factorsOfFactorsComputeWhatTheMatrixDoes()
    {
        at::manual_seed(1);
        const LokrDelta delta({{at::randn({4, 2}), at::randn({2, 3})}},
                              {{at::randn({5, 1}), at::randn({1, 6})}}, 0.5, {});
        const at::Tensor x = at::randn({2, 7, 18});
        const at::Tensor expected = x.matmul(delta.matrix().t());
        QCOMPARE(expected.sizes(), at::IntArrayRef({2, 7, 20}));
        QVERIFY(at::allclose(delta.apply(x), expected, 1e-4, 1e-5));
        QCOMPARE(delta.trainable().size(), std::size_t {4});
    }

    void layersAreSplitAsPeftSplitsThem_data() // out, of a layer as wide as high
    {
        QTest::addColumn<int>("dimension");
        QTest::addColumn<int>("factor");
        QTest::addColumn<int>("first");
        QTest::newRow("a square") << 256 << -1 << 16;
        QTest::newRow("no square") << 128 << -1 << 8;
        QTest::newRow("a prime") << 127 << -1 << 1;
        QTest::newRow("a factor that divides") << 128 << 4 << 4;
        QTest::newRow("one that does not") << 576 << 10 << 9;
        QTest::newRow("one larger than the root") << 32 << 16 << 16;
        QTest::newRow("one larger than the layer") << 32 << 64 << 4;
    }

    void layersAreSplitAsPeftSplitsThem()
    {
        QFETCH(int, dimension);
        QFETCH(int, factor);
        QFETCH(int, first);
        LokrRule rule;
        rule.factor = factor;
        const LokrSplit split = lokrSplit(dimension, 2 * dimension, rule);
        QCOMPARE(split.first.rows, std::int64_t {first});
        QCOMPARE(split.second.rows, std::int64_t {dimension / first});
        QCOMPARE(split.first.columns * split.second.columns, std::int64_t {2 * dimension});
    }

    void onlyWhatIsMuchLargerThanTheRankIsSplitAgain_data()
    {
        QTest::addColumn<int>("rank");
        QTest::addColumn<bool>("both");
        QTest::addColumn<bool>("firstIsWhole");
        QTest::addColumn<bool>("secondIsWhole");
        QTest::newRow("small rank") << 5 << false << true << false;
        QTest::newRow("small rank in both") << 5 << true << false << false;
        QTest::newRow("half of the first one's longer side") << 16 << true << true << false;
        QTest::newRow("half of the second one's longer side") << 24 << true << true << true;
    }

    void onlyWhatIsMuchLargerThanTheRankIsSplitAgain()
    {
        QFETCH(int, rank);
        QFETCH(bool, both);
        QFETCH(bool, firstIsWhole);
        QFETCH(bool, secondIsWhole);
        const LokrSplit split = lokrSplit(576, 1536, {rank, -1, both}); // 24 x 32 and 24 x 48
        QCOMPARE(split.first.isWhole, firstIsWhole);
        QCOMPARE(split.second.isWhole, secondIsWhole);
    }

    void whatDoesNotFitIsSaidAtItsField()
    {
        const Problems ofRank = checked({{"rank", std::int64_t {17}}}); // k: 16 x 32
        QCOMPARE(ofRank.size(), std::size_t {1});
        QCOMPARE(ofRank.front().field, std::string("settings.rank"));
        const Problems ofFactor = checked({{"factor", std::int64_t {0}}});
        QCOMPARE(ofFactor.size(), std::size_t {1});
        QCOMPARE(ofFactor.front().field, std::string("settings.factor"));
        QVERIFY(checked({{"factor", std::int64_t {-1}}}).empty());
    }
};

QTEST_APPLESS_MAIN(TestLokr)
#include "tst_lokr.moc"
