// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/spectra.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

void compareClose(double actual, double expected, double tolerance)
{
    QVERIFY2(
        std::abs(actual - expected) <= tolerance,
        qPrintable(
            QStringLiteral("%1 instead of %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

} // namespace

class TestSpectra : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theEffectiveRankCountsDirectionsOfEqualStrength()
    {
        compareClose(effectiveRank({2, 2, 2, 2, 2}), 5.0, 1e-12);
        compareClose(effectiveRank({3, 1}), 1.7548, 5e-5);
        compareClose(effectiveRank({3, 1, 0, 0}), effectiveRank({3, 1}), 0.0);
    }

    void noChangeHasNoRank()
    {
        QCOMPARE(effectiveRank({0, 0, 0}), 0.0);
        QCOMPARE(stableRank({0, 0, 0}), 0.0);
        QCOMPARE(effectiveRank({}), 0.0);
    }

    void normsAndStableRankFollowFromTheValues()
    {
        compareClose(frobeniusNorm({3, 4}), 5.0, 1e-12);
        compareClose(stableRank({4, 3}), 25.0 / 16.0, 1e-12);
    }

    void factorsGiveTheValuesOfTheirProduct_data()
    {
        QTest::addColumn<int>("out");
        QTest::addColumn<int>("in");
        QTest::addColumn<int>("rank");
        QTest::newRow("wide") << 24 << 60 << 4;
        QTest::newRow("tall") << 60 << 24 << 4;
        QTest::newRow("rank larger than the layer") << 5 << 9 << 12;
        QTest::newRow("rank one") << 7 << 7 << 1;
    }

    void factorsGiveTheValuesOfTheirProduct()
    {
        QFETCH(int, out);
        QFETCH(int, in);
        QFETCH(int, rank);
        at::manual_seed(3);
        const at::Tensor A = at::randn({rank, in});
        const at::Tensor B = at::randn({out, rank});
        const std::vector<double> values = lowRankValues(A, B, -1.5);
        const std::vector<double> whole =
            singularValues(-1.5 * B.to(at::kDouble).matmul(A.to(at::kDouble)));
        QCOMPARE(values.size(), static_cast<std::size_t>(std::min({rank, out, in})));
        for (std::size_t i = 0; i < values.size(); ++i)
            compareClose(values[i], whole[i], 1e-10 * whole[0]);
        QVERIFY(effectiveRank(values) <= rank + 1e-12);
    }
};

QTEST_APPLESS_MAIN(TestSpectra)
#include "tst_spectra.moc"
