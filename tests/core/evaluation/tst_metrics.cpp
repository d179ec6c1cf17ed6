// SPDX-License-Identifier: Apache-2.0
#include "core/evaluation/metrics.h"

#include <QTest>

#include <cmath>

using namespace tw;

class TestMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aShareHasWilsonsInterval()
    {
        const Estimate estimate = shareOf(8, 10); // 0.4902 to 0.9433 in every table
        QCOMPARE(estimate.value, 0.8);
        QVERIFY(std::abs(estimate.low - 0.4902) < 1e-4);
        QVERIFY(std::abs(estimate.high - 0.9433) < 1e-4);
        QCOMPARE(shareOf(0, 5).low, 0.0);
        QVERIFY(std::abs(shareOf(5, 5).high - 1.0) < 1e-12);
        QCOMPARE(shareOf(0, 0).count, std::int64_t(0));
    }

    void aMeanHasItsInterval()
    {
        const Estimate estimate = meanOf({1.0, 2.0, 3.0, 4.0}); // deviation 1.29099, over sqrt(4)
        QCOMPARE(estimate.value, 2.5);
        QVERIFY(std::abs(estimate.high - 2.5 - 1.959964 * 1.2909944 / 2.0) < 1e-6);
        QCOMPARE(meanOf({7.0}).low, 7.0);
        QCOMPARE(meanOf({}).count, std::int64_t(0));
    }

    void answersAreComparedAsSquadDoes_data()
    {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<QString>("target");
        QTest::addColumn<bool>("isExact");
        QTest::addColumn<double>("f1");
        QTest::addColumn<double>("rouge");
        QTest::newRow("equal but for case, article and stop")
            << "The Eiffel Tower."
            << "eiffel tower" << true << 1.0 << 1.0;
        QTest::newRow("half of the words") << "red house"
                                           << "red car" << false << 0.5 << 0.5;
        QTest::newRow("other order") << "b c d"
                                     << "d c b" << false << 1.0 << 1.0 / 3.0;
        QTest::newRow("a repeated word counts once") << "x x"
                                                     << "x y" << false << 0.5 << 0.5;
        QTest::newRow("nothing against something") << ""
                                                   << "word" << false << 0.0 << 0.0;
        QTest::newRow("nothing against nothing") << "..."
                                                 << "" << true << 1.0 << 1.0;
    }

    void answersAreComparedAsSquadDoes()
    {
        QFETCH(QString, answer);
        QFETCH(QString, target);
        QFETCH(bool, isExact);
        QFETCH(double, f1);
        QFETCH(double, rouge);
        QCOMPARE(isExactMatch(answer.toStdString(), target.toStdString()), isExact);
        QCOMPARE(wordF1(answer.toStdString(), target.toStdString()), f1);
        QCOMPARE(rougeL(answer.toStdString(), target.toStdString()), rouge);
    }
};

QTEST_APPLESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
