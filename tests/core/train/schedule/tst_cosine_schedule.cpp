// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule.h"

#include <QTest>

using namespace tw;

class TestCosineSchedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void
    itIsThatOfTransformers_data() // numbers from get_cosine_schedule_with_warmup, version 4.57.6
    {
        QTest::addColumn<int>("warmup");
        QTest::addColumn<QList<double>>("expected");
        QTest::newRow("3 of 10 steps") << 3
                                       << QList<double> {0,
                                                         1.0 / 3,
                                                         2.0 / 3,
                                                         1,
                                                         0.9504844339512095,
                                                         0.8117449009293668,
                                                         0.6112604669781572,
                                                         0.38873953302184283,
                                                         0.18825509907063326,
                                                         0.04951556604879048};
        QTest::newRow("no warm-up") << 0 << QList<double> {1,
                                                           0.9755282581475768,
                                                           0.9045084971874737,
                                                           0.7938926261462366,
                                                           0.6545084971874737,
                                                           0.5,
                                                           0.34549150281252633,
                                                           0.2061073738537635,
                                                           0.09549150281252633,
                                                           0.024471741852423234};
    }

    void itIsThatOfTransformers()
    {
        QFETCH(int, warmup);
        QFETCH(QList<double>, expected);
        const Schedule& schedule = schedules().at("cosine");
        for (qsizetype step = 0; step < expected.size(); ++step)
            QVERIFY(std::abs(schedule.factor(step, expected.size(),
                                             {{"warmupSteps", std::int64_t {warmup}}})
                             - expected[step])
                    < 1e-15);
    }
};

QTEST_APPLESS_MAIN(TestCosineSchedule)
#include "tst_cosine_schedule.moc"
