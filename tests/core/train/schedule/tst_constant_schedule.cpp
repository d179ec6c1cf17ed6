// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule.h"

#include <QTest>

using namespace tw;

class TestConstantSchedule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void
    itIsThatOfTransformers_data() // numbers from get_constant_schedule_with_warmup, version 4.57.6
    {
        QTest::addColumn<int>("warmup");
        QTest::addColumn<QList<double>>("expected");
        QTest::newRow("3 of 10 steps")
            << 3 << QList<double> {0, 1.0 / 3, 2.0 / 3, 1, 1, 1, 1, 1, 1, 1};
        QTest::newRow("no warm-up") << 0 << QList<double> {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    }

    void itIsThatOfTransformers()
    {
        QFETCH(int, warmup);
        QFETCH(QList<double>, expected);
        const Schedule& schedule = schedules().at("constant");
        for (qsizetype step = 0; step < expected.size(); ++step)
            QVERIFY(std::abs(schedule.factor(step, expected.size(),
                                             {{"warmupSteps", std::int64_t {warmup}}})
                             - expected[step])
                    < 1e-15);
    }
};

QTEST_APPLESS_MAIN(TestConstantSchedule)
#include "tst_constant_schedule.moc"
