// SPDX-License-Identifier: Apache-2.0
#include "core/store/process_mark.h"
#include "core/store/run_log.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace tw;

class TestRunLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void metricsComeInBatchesAndAllOfThem();
    void resumingReplacesWhatLiesBehindTheCheckpoint();
    void endStatesLeaveTheProcess();
    void aRunOfAnotherLivingProcessIsNotTakenOver();
    void aDeadProcessIsKnownByItsMark();
    void everyStateHasAnId();

private:
    QTemporaryDir m_folder;
    int m_count = 0;
    std::shared_ptr<ProjectFile> m_file;
};

void TestRunLog::init()
{
    m_file = ProjectFile::create(std::filesystem::path(m_folder.path().toStdString())
                                 / std::to_string(m_count++));
    m_file->writable().execute("INSERT INTO experiment (document, created) VALUES ('{}', '');"
                               "INSERT INTO run (experiment, name, state, model, method, steps, "
                               "created) VALUES (1, 'r', 'queued', 'm', 'lora', 9, '');"
                               "INSERT INTO queue (run, position) VALUES (1, 1);");
}

void TestRunLog::metricsComeInBatchesAndAllOfThem()
{
    const auto before = m_file->version();
    {
        RunLog log(m_file, 1);
        log.begin(0);
        for (std::int64_t step = 1; step <= 5000; ++step) {
            log.metric(step, "loss", 1.0 / static_cast<double>(step));
            log.metric(step, "lr", 1e-4);
        }
        log.progress(5000, 12.5);
    }
    QCOMPARE(m_file->database().number("SELECT count(*) FROM metric"), 10'000);
    QCOMPARE(m_file->database().number("SELECT step FROM run"), 5000);
    QVERIFY(m_file->version() > before);
}

void TestRunLog::resumingReplacesWhatLiesBehindTheCheckpoint()
{
    for (const std::int64_t from : {0, 50}) {
        RunLog log(m_file, 1);
        log.begin(from);
        for (std::int64_t step = from + 1; step <= 70; ++step)
            log.metric(step, "loss", static_cast<double>(from));
        log.event(60, "evaluation", "held-out loss 1.5");
        log.sample(60, "q", "a", "text");
    }
    Database& database = m_file->database();
    QCOMPARE(database.number("SELECT count(*) FROM metric"), 70);
    QCOMPARE(database.number("SELECT count(*) FROM metric WHERE value = 50"), 20);
    QCOMPARE(database.number("SELECT count(*) FROM event"), 1);
    QCOMPARE(database.number("SELECT count(*) FROM sample"), 1);
}

void TestRunLog::endStatesLeaveTheProcess()
{
    RunLog log(m_file, 1);
    log.begin(0);
    QCOMPARE(m_file->database().number("SELECT count(*) FROM queue"), 0);
    QCOMPARE(m_file->database().number(
                 "SELECT count(*) FROM run WHERE state = 'running' AND process <> ''"),
             1);
    log.setState(RunState::Failed, "It broke.\nMend it.");
    QCOMPARE(m_file->database().number(
                 "SELECT count(*) FROM run WHERE state = 'failed' AND process = ''"),
             1);
}

void TestRunLog::aRunOfAnotherLivingProcessIsNotTakenOver()
{
    QProcess other;
    other.start(QStringLiteral("cat"), {});
    QVERIFY(other.waitForStarted());
    QFile stat(QStringLiteral("/proc/%1/stat").arg(other.processId()));
    QVERIFY(stat.open(QIODevice::ReadOnly));
    const QList<QByteArray> fields = stat.readAll().split(' ');
    const std::string mark = processMark();
    const std::string foreign = mark.substr(0, mark.find(' ')) + " "
        + std::to_string(other.processId()) + " " + fields.at(21).toStdString();
    QVERIFY(isProcessAlive(foreign));
    m_file->writable().write("UPDATE run SET state = 'running', process = ?1", foreign);
    RunLog log(m_file, 1);
    QVERIFY_THROWS_EXCEPTION(Error, log.begin(0));
    other.closeWriteChannel();
    QVERIFY(other.waitForFinished());
    log.begin(0);
    QCOMPARE(m_file->database().number("SELECT count(*) FROM run WHERE state = 'running'"), 1);
}

void TestRunLog::aDeadProcessIsKnownByItsMark()
{
    const std::string mark = processMark();
    QVERIFY(isProcessAlive(mark));
    QVERIFY(!isProcessAlive(mark + "1")); // the same id, another start time
    QVERIFY(!isProcessAlive("other-boot" + mark.substr(mark.find(' '))));
    QVERIFY(!isProcessAlive(""));
}

void TestRunLog::everyStateHasAnId()
{
    for (const RunState state :
         {RunState::Queued, RunState::Running, RunState::Paused, RunState::Finished,
          RunState::Stopped, RunState::Failed, RunState::Interrupted})
        QCOMPARE(runStateFrom(runStateId(state)), state);
    QVERIFY_THROWS_EXCEPTION(Error, runStateFrom("sleeping"));
}

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"
