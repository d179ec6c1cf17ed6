// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/project.h"
#include "tests/app/cli/cli_process.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QFile>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>

/// The whole path on the tiny model: run, stop, kill, resume, X-ray, report.
class TestCliRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aRunGoesFromDocumentToAdapter();
    void aBrokenDocumentDoesNotStartARun();
    void aKilledRunResumesToTheSameBits_data();
    void aKilledRunResumesToTheSameBits();
    void waitingThreadsSleep_data();
    void waitingThreadsSleep();
    void oneInterruptSavesAndStops();
    void theQueueIsWorkedOff();
    void theXrayAndTheReportTellOfARun();

private:
    QTemporaryDir m_folder;
    int m_count = 0;
    QString m_project;
    QString m_document;

    void useSteps(std::int64_t steps);
    QStringList runArguments() const
    {
        return {QStringLiteral("run"), m_document, QStringLiteral("--project"), m_project,
                QStringLiteral("--json")};
    }
    /// Series that do not depend on the clock, and the bytes of the adapter.
    static QByteArray outcome(const QString& project);
};

void TestCliRun::init()
{
    const QString folder = m_folder.filePath(QString::number(m_count++));
    m_project = folder + QStringLiteral("/project");
    m_document = folder + QStringLiteral("/experiment.json");
    tinyExperiment(folder.toStdString());
    useSteps(6);
}

void TestCliRun::useSteps(std::int64_t steps)
{
    tw::Experiment experiment = tinyExperiment(QFileInfo(m_document).path().toStdString());
    experiment.steps = steps;
    experiment.adaptations[0].settings["dropout"] = 0.1;
    QFile out(m_document);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(QByteArray::fromStdString(toJsonText(experiment)));
}

QByteArray TestCliRun::outcome(const QString& project)
{
    QByteArray all;
    const CliResult curves = cli({QStringLiteral("curves"), QStringLiteral("--project"), project,
                                  QStringLiteral("--run"), QStringLiteral("1")});
    for (const QByteArray& line : curves.out.split('\n'))
        if (!line.startsWith("seconds") && !line.startsWith("tokensPerSecond")
            && !line.startsWith("memoryBytes"))
            all += line + '\n';
    for (const char* name : {"adapter_model.safetensors", "adapter_config.json"}) {
        QFile file(project + QStringLiteral("/runs/1/adapter/") + QString::fromUtf8(name));
        if (file.open(QIODevice::ReadOnly))
            all += file.readAll();
    }
    return all;
}

void TestCliRun::aRunGoesFromDocumentToAdapter()
{
    const CliResult result = cli(runArguments());
    QVERIFY2(result.code == 0, result.err);
    const auto lines = result.jsonLines();
    int steps = 0;
    for (const QJsonDocument& line : lines) {
        QVERIFY(line.isObject());
        if (line.object().value(QStringLiteral("event")).toString() == QStringLiteral("step")
            && line.object().contains(QStringLiteral("loss"))) {
            ++steps;
            for (const char* key : {"step", "lr", "grad_norm", "tokens_per_s", "memory_bytes"})
                QVERIFY2(line.object().contains(QString::fromUtf8(key)), key);
        }
    }
    QCOMPARE(steps, 6);
    const QJsonObject end = lines.last().object();
    QCOMPARE(end.value(QStringLiteral("event")).toString(), QStringLiteral("finished"));
    QVERIFY(QFileInfo::exists(end.value(QStringLiteral("adapter")).toString()
                              + QStringLiteral("/adapter_config.json")));
    QVERIFY(end.value(QStringLiteral("metrics"))
                .toObject()
                .value(QStringLiteral("heldOut.loss"))
                .toDouble()
            < end.value(QStringLiteral("first_metrics"))
                  .toObject()
                  .value(QStringLiteral("heldOut.loss"))
                  .toDouble());

    const auto project = tw::Project::open(m_project.toStdString());
    QCOMPARE(project->run(1).state, tw::RunState::Finished);
    QCOMPARE(project->samples(1).size(), std::size_t {6}); // three prompts, before and after
    QCOMPARE(project->checkpoints(1).back().step, 6);
    QVERIFY(project->queue().empty());
    QVERIFY(project->provenance(1).find("sha256") != std::string::npos);
    QCOMPARE(project->metric(1, "general.loss").size(), std::size_t {3}); // steps 0, 3, 6
    // A finished run has nothing to resume; that is no failure.
    QCOMPARE(cli({QStringLiteral("resume"), QStringLiteral("--project"), m_project,
                  QStringLiteral("--run"), QStringLiteral("1")})
                 .code,
             0);
    const CliResult tuned =
        cli({QStringLiteral("generate"), m_project + QStringLiteral("#1"), QStringLiteral("--chat"),
             QStringLiteral("--prompt"), QStringLiteral("What is 3 and one?"),
             QStringLiteral("--max-tokens"), QStringLiteral("4"), QStringLiteral("--json")});
    QVERIFY2(tuned.code == 0, tuned.err);
}

void TestCliRun::aBrokenDocumentDoesNotStartARun()
{
    useSteps(0);
    const CliResult result = cli(runArguments());
    QCOMPARE(result.code, 1);
    QVERIFY(result.err.contains("steps"));
    QVERIFY(!QFileInfo::exists(m_project));
}

void TestCliRun::aKilledRunResumesToTheSameBits_data()
{
    QTest::addColumn<int>("afterStep");
    QTest::newRow("before the first checkpoint") << 1;
    QTest::newRow("right at a checkpoint") << 20;
    QTest::newRow("between two checkpoints") << 47;
}

void TestCliRun::aKilledRunResumesToTheSameBits()
{
    QFETCH(int, afterStep);
    useSteps(80);
    QCOMPARE(cli(runArguments()).code, 0);
    const QByteArray straight = outcome(m_project);
    m_project += QStringLiteral("-broken");

    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral(TW_CLI), runArguments());
    QByteArray seen;
    while (!seen.contains("\"step\":" + QByteArray::number(afterStep) + ",")
           && process.waitForReadyRead(60'000))
        seen += process.readAllStandardOutput();
    ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
    QVERIFY(process.waitForFinished());

    const auto broken = tw::Project::open(m_project.toStdString());
    QVERIFY(broken->problems().empty());
    const tw::RunState state = broken->run(1).state;
    QVERIFY(state == tw::RunState::Interrupted || state == tw::RunState::Finished);
    const CliResult resumed =
        cli({QStringLiteral("resume"), QStringLiteral("--project"), m_project});
    QVERIFY2(resumed.code == 0, resumed.err);
    QCOMPARE(broken->run(1).state, tw::RunState::Finished);
    QCOMPARE(outcome(m_project), straight);
}

void TestCliRun::waitingThreadsSleep_data()
{
    QTest::addColumn<QString>("wish");
    QTest::addColumn<bool>("byTheLoader");
    QTest::addColumn<QByteArray>("spinCount");
    const QByteArray none;
    QTest::newRow("nobody chose") << QString() << false << QByteArray("0");
    QTest::newRow("a policy is chosen")
        << QStringLiteral("OMP_WAIT_POLICY=active") << false << none;
    QTest::newRow("a count is chosen")
        << QStringLiteral("GOMP_SPINCOUNT=7") << false << QByteArray("7");
    QTest::newRow("started by the loader, as some bundles do") << QString() << true << none;
}

void TestCliRun::waitingThreadsSleep()
{
#ifndef __linux__
    QSKIP("Only Linux is asked to let them sleep.");
#endif
    QFETCH(QString, wish);
    QFETCH(bool, byTheLoader);
    QFETCH(QByteArray, spinCount);
    const QString loader = QStringLiteral("/lib64/ld-linux-x86-64.so.2");
    if (byTheLoader && !QFileInfo::exists(loader))
        QSKIP("The loader has another name on this machine.");
    useSteps(100'000);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("GOMP_SPINCOUNT"));
    environment.remove(QStringLiteral("OMP_WAIT_POLICY"));
    if (!wish.isEmpty())
        environment.insert(wish.section(QLatin1Char('='), 0, 0), wish.section(QLatin1Char('='), 1));
    QProcess process;
    process.setProcessEnvironment(environment);
    const QStringList arguments = runArguments();
    if (byTheLoader)
        process.start(loader, QStringList {QStringLiteral(TW_CLI)} + arguments);
    else
        process.start(QStringLiteral(TW_CLI), arguments);
    QByteArray seen;
    while (!seen.contains("\"event\":\"step\"") && process.waitForReadyRead(60'000))
        seen += process.readAllStandardOutput();
    QVERIFY2(seen.contains("\"event\":\"step\""), process.readAllStandardError());
    QFile started(QStringLiteral("/proc/%1/environ").arg(process.processId()));
    QVERIFY(started.open(QIODevice::ReadOnly));
    QByteArray found;
    for (const QByteArray& variable : started.readAll().split('\0'))
        if (variable.startsWith("GOMP_SPINCOUNT="))
            found = variable.mid(variable.indexOf('=') + 1);
    QCOMPARE(found, spinCount);
    process.kill();
    QVERIFY(process.waitForFinished());
}

void TestCliRun::oneInterruptSavesAndStops()
{
    useSteps(100'000);
    QProcess process;
    process.start(QStringLiteral(TW_CLI), runArguments());
    QByteArray seen;
    while (!seen.contains("\"event\":\"step\",\"step\":3,") && process.waitForReadyRead(60'000))
        seen += process.readAllStandardOutput();
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitCode(), 3);
    const auto project = tw::Project::open(m_project.toStdString());
    const tw::RunSummary run = project->run(1);
    QCOMPARE(run.state, tw::RunState::Stopped);
    QVERIFY(run.step >= 3);
    QCOMPARE(project->checkpoints(1).back().step, run.step);
    QVERIFY(QFileInfo::exists(QString::fromStdString(run.adapter)));
}

void TestCliRun::theQueueIsWorkedOff()
{
    const auto project = tw::Project::create(m_project.toStdString(), "queue");
    const tw::Experiment experiment = tw::readExperiment(m_document.toStdString());
    project->addRun(experiment);
    project->addRun(experiment);
    const CliResult result =
        cli({QStringLiteral("resume"), QStringLiteral("--project"), m_project});
    QVERIFY2(result.code == 0, result.err);
    QVERIFY(project->queue().empty());
    for (const tw::RunSummary& run : project->runs())
        QCOMPARE(run.state, tw::RunState::Finished);
}

void TestCliRun::theXrayAndTheReportTellOfARun()
{
    QCOMPARE(cli(runArguments()).code, 0);
    const QString run = m_project + QStringLiteral("#1");
    const CliResult xray =
        cli({QStringLiteral("xray"), QStringLiteral("--base"), run + QStringLiteral("@0"),
             QStringLiteral("--tuned"), run, QStringLiteral("--project"), m_project,
             QStringLiteral("--out"), m_project + QStringLiteral("/x.json")});
    QVERIFY2(xray.code == 0, xray.err);
    QVERIFY(QFileInfo::exists(m_project + QStringLiteral("/x.json")));
    const auto project = tw::Project::open(m_project.toStdString());
    QCOMPARE(project->xrayOf(1)->cells.size(), std::size_t {4}); // q and v of two layers
    // A run of another project, though its number is the same, is not this project's run.
    const QString other = m_project + QStringLiteral("-other");
    tw::Project::create(other.toStdString(), "other");
    const CliResult foreign =
        cli({QStringLiteral("xray"), QStringLiteral("--base"), run + QStringLiteral("@0"),
             QStringLiteral("--tuned"), run, QStringLiteral("--project"), other});
    QVERIFY2(foreign.code == 0, foreign.err);
    QVERIFY(!tw::Project::open(other.toStdString())->xrayOf(1).has_value());
    const CliResult report =
        cli({QStringLiteral("report"), QStringLiteral("--project"), m_project,
             QStringLiteral("--out"), m_project + QStringLiteral("/reports/r.html")});
    QVERIFY2(report.code == 0, report.err);
    QFile html(m_project + QStringLiteral("/reports/r.html"));
    QVERIFY(html.open(QIODevice::ReadOnly));
    QVERIFY(html.readAll().contains("tiny"));
    QCOMPARE(project->reports().size(), std::size_t {1});
}

QTEST_GUILESS_MAIN(TestCliRun)
#include "tst_cli_run.moc"
