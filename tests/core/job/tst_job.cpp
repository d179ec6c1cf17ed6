// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/job_checks.h"

#include <QTest>

class TestJob : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPromiseOfTheJobEngineIsKept_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < tw::jobChecks().size(); ++i)
            QTest::newRow(tw::jobChecks()[i].name.c_str()) << static_cast<int>(i);
    }

    void everyPromiseOfTheJobEngineIsKept()
    {
        QFETCH(int, index);
        const std::string failure = tw::jobChecks()[static_cast<std::size_t>(index)].run();
        QVERIFY2(failure.empty(), failure.c_str());
    }
};

QTEST_APPLESS_MAIN(TestJob)
#include "tst_job.moc"
