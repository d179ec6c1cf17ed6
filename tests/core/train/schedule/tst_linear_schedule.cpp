// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule.h"

#include <QTest>

using namespace tw;

class TestLinearSchedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void
    itIsThatOfTransformers_data() // numbers from get_linear_schedule_with_warmup, version 4.57.6
    {
        QTest::addColumn<int>("warmup");
        QTest::addColumn<QList<double>>("expected");
        QTest::newRow("3 of 10 steps")
            << 3 << QList<double> {0,       1.0 / 3, 2.0 / 3, 1,       6.0 / 7,
                                   5.0 / 7, 4.0 / 7, 3.0 / 7, 2.0 / 7, 1.0 / 7};
        QTest::newRow("no warm-up")
            << 0 << QList<double> {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1};
        QTest::newRow("longer than the run")
            << 20 << QList<double> {0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45};
    }

    void itIsThatOfTransformers()
    {
        QFETCH(int, warmup);
        QFETCH(QList<double>, expected);
        const Schedule& schedule = schedules().at("linear");
        for (qsizetype step = 0; step < expected.size(); ++step)
            QVERIFY(std::abs(schedule.factor(step, expected.size(),
                                             {{"warmupSteps", std::int64_t {warmup}}})
                             - expected[step])
                    < 1e-15);
    }
};

QTEST_APPLESS_MAIN(TestLinearSchedule)
#include "tst_linear_schedule.moc"
