// SPDX-License-Identifier: Apache-2.0
// What a report says of one run, and of several side by side.
#include "core/store/run_log.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "core/workbench/report_input.h"
#include "core/workbench/run_metrics.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace tw;
namespace fs = std::filesystem;

namespace {

std::string findingsOf(const ReportInput& input)
{
    std::string all;
    for (const ReportFinding& finding : input.findings)
        all += finding.figure + " " + finding.text + "\n";
    return all;
}

std::string valueOf(const ReportInput& input, const std::string& group, const std::string& label)
{
    for (const ReportSetting& setting : input.settings)
        if (setting.group == group && setting.label == label)
            return setting.value;
    return "absent";
}

std::size_t columnOf(const ReportInput& input, const std::string& title)
{
    return static_cast<std::size_t>(std::ranges::find(input.runColumns, title)
                                    - input.runColumns.begin());
}

} // namespace

class TestReportInput : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_project = Project::create(
            fs::path(m_folder.path().toStdString()) / std::to_string(m_count++), "Reviews");
    }

    void oneRunTellsItsStory()
    {
        const ReportInput input =
            reportInput(*m_project, {"", "", {addRun("lora", 0.75, 0.5)}, {}});
        QCOMPARE(input.subtitle, std::string("lora: LoRA on Tiny"));
        QCOMPARE(input.experiments.size(), std::size_t {1});
        QCOMPARE(input.runs.front().cells.size(), input.runColumns.size());
        QVERIFY(findingsOf(input).find("0.75 Held-out accuracy after the training, 0.5 before it.")
                != std::string::npos);
        QVERIFY(findingsOf(input).find("50 % lower: Held-out loss") != std::string::npos);
        QCOMPARE(valueOf(input, "Differs from the defaults", "name"), std::string("lora"));
    }

    void severalRunsAreRankedByTheirScore()
    {
        const std::int64_t first = addRun("lora", 0.75, 0.5);
        const std::int64_t second = addRun("full", 0.875, 0.5);
        const std::int64_t third = addRun("bitfit", 0.625, 0.5);
        const ReportInput input = reportInput(*m_project, {"", "", {first, second, third}, {}});
        QCOMPARE(input.subtitle, std::string("3 runs compared"));
        QCOMPARE(input.findings.size(), std::size_t {3});
        QCOMPARE(input.findings[0].figure, std::string("0.875"));
        QVERIFY2(input.findings[0].text.find("full (2), Full fine-tuning, with 2,000 trained")
                     != std::string::npos,
                 input.findings[0].text.c_str());
        QCOMPARE(input.findings[2].figure, std::string("0.625"));
        QCOMPARE(input.experiments.size(), std::size_t {3});
        QCOMPARE(input.experiments[1].name, std::string("full (2)"));
        // All began from the same value: it stands in the head of the column.
        const std::size_t accuracy = columnOf(input, "Held-out accuracy (before: 0.5)");
        QVERIFY(accuracy < input.runColumns.size());
        QCOMPARE(input.runs[2].cells.at(accuracy), std::string("0.625"));
        for (const ReportRun& run : input.runs)
            QCOMPARE(run.cells.size(), input.runColumns.size());
    }

    void eachRunKeepsItsOwnBeginning()
    {
        const ReportInput input = reportInput(
            *m_project, {"", "", {addRun("lora", 0.75, 0.5), addRun("full", 0.75, 0.25)}, {}});
        const std::size_t before = columnOf(input, "Held-out accuracy, before");
        QVERIFY(before + 1 < input.runColumns.size());
        QCOMPARE(input.runs[1].cells.at(before), std::string("0.25"));
        QCOMPARE(input.runColumns.at(before + 1), std::string("Held-out accuracy, after"));
    }

    void whatIsSharedIsSaidOnceAndWhatDiffersPerRun()
    {
        const ReportInput input = reportInput(
            *m_project, {"", "", {addRun("lora", 0.75, 0.5), addRun("full", 0.75, 0.5)}, {}});
        QCOMPARE(valueOf(input, "The same in all runs", "steps"), std::string("44"));
        QCOMPARE(valueOf(input, "full (2)", "adaptations[0].method"), std::string("full"));
        QCOMPARE(valueOf(input, "full (2)", "steps"), std::string("absent"));
        QCOMPARE(valueOf(input, "full (2)", "name"), std::string("absent"));
        QCOMPARE(valueOf(input, "The same in all runs", "adaptations[0].method"),
                 std::string("absent"));
    }

    void lossDecidesWhereNothingIsLabelled()
    {
        RunSummary run;
        run.metrics = {{"heldOut.loss", 1.0}, {"heldOut.accuracy", 0.5}, {"loss", 1.0}};
        QCOMPARE(std::string(decisiveMetric(std::vector {run})->id), std::string("heldOut.loss"));
        run.metrics["heldOut.f1"] = 0.5;
        QCOMPARE(std::string(decisiveMetric(std::vector {run})->id),
                 std::string("heldOut.accuracy"));
        RunSummary other;
        other.metrics = {{"loss", 1.0}};
        QVERIFY(!decisiveMetric(std::vector {run, other}));
    }

private:
    std::int64_t addRun(const std::string& method, double accuracy, double before)
    {
        Experiment experiment;
        experiment.name = method;
        experiment.model = "/models/Tiny.gguf";
        experiment.adaptations.front().method = method;
        experiment.steps = 44;
        const std::int64_t id = m_project->addRun(experiment);
        RunLog log(m_project->state().file, id);
        log.begin(0);
        log.metric(0, "trainedParameters", 1000.0 * static_cast<double>(id));
        log.metric(0, "heldOut.accuracy", before);
        log.metric(0, "heldOut.f1", before);
        log.metric(0, "heldOut.loss", 2.0);
        log.metric(44, "heldOut.accuracy", accuracy);
        log.metric(44, "heldOut.f1", accuracy);
        log.metric(44, "heldOut.loss", 1.0);
        log.progress(44, 3.0);
        log.setState(RunState::Finished);
        log.flush();
        return id;
    }

    QTemporaryDir m_folder;
    int m_count = 0;
    std::shared_ptr<Project> m_project;
};

QTEST_GUILESS_MAIN(TestReportInput)
#include "tst_report_input.moc"
