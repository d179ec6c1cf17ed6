// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/run.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

using namespace tw;
namespace fs = std::filesystem;

class TestRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aDamagedCheckpointIsNotCountedAsDone();
    void checkpointsThatWereDroppedAreForgotten();
    void aRunWithoutAWholeCheckpointBeginsAnew();
    void conversationsGiveSamplesInTheirOwnWords();

private:
    void train()
    {
        JobControl control;
        runExperiment(file(), m_run, m_project->experimentOf(m_run), 1, control);
    }
    std::shared_ptr<ProjectFile> file() { return m_project->state().file; }
    fs::path checkpoint(int step)
    {
        return file()->runFolder(m_run) / "checkpoints" / ("step-" + std::to_string(step));
    }
    std::vector<RunEvent> eventsOf(const std::string& kind)
    {
        std::vector<RunEvent> events = m_project->events(m_run);
        std::erase_if(events, [&](const RunEvent& event) { return event.kind != kind; });
        return events;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Project> m_project;
    std::int64_t m_run = 0;
};

void TestRun::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const fs::path folder = m_folder->path().toStdString();
    m_project = Project::create(folder / "project", "tiny");
    Experiment experiment = tinyExperiment(folder / "data");
    experiment.keepCheckpoints = 2;
    m_run = m_project->addRun(experiment);
    train();
}

void TestRun::aDamagedCheckpointIsNotCountedAsDone()
{
    const auto tokens = m_project->metric(m_run, "tokens");
    QCOMPARE(tokens.size(), std::size_t {6});
    fs::remove(checkpoint(6) / "optimizer.safetensors");
    train();
    QCOMPARE(m_project->metric(m_run, "tokens"), tokens);
    QCOMPARE(eventsOf("resumed").size(), std::size_t {1});
    QCOMPARE(eventsOf("resumed").front().step, 4);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
}

void TestRun::checkpointsThatWereDroppedAreForgotten()
{
    QCOMPARE(file()->database().number("SELECT count(*) FROM artefact WHERE kind = 'checkpoint'"),
             2);
    std::vector<std::int64_t> steps;
    for (const Checkpoint& one : m_project->checkpoints(m_run))
        steps.push_back(one.step);
    QCOMPARE(steps, (std::vector<std::int64_t> {4, 6}));
}

void TestRun::aRunWithoutAWholeCheckpointBeginsAnew()
{
    const auto losses = m_project->metric(m_run, "loss");
    for (const int step : {4, 6})
        fs::remove(checkpoint(step) / "state.json");
    train();
    QCOMPARE(m_project->metric(m_run, "loss"), losses);
    QCOMPARE(eventsOf("started").size(), std::size_t {2});
}

void TestRun::conversationsGiveSamplesInTheirOwnWords()
{
    const fs::path talks = fs::path(m_folder->path().toStdString()) / "talks.jsonl";
    std::ofstream(talks) << R"({"messages": [{"role": "user", "content": "Hello?"}, )"
                            R"({"role": "assistant", "content": "Yes?"}, )"
                            R"({"role": "user", "content": "Two and one?"}, )"
                            R"({"role": "assistant", "content": "Three."}]})"
                         << '\n';
    Experiment experiment = m_project->experimentOf(m_run);
    experiment.heldOut = {talks.string(), {{"messages", "messages"}}, 0};
    m_run = m_project->addRun(experiment);
    train();
    const auto samples = m_project->samples(m_run);
    QVERIFY(!samples.empty());
    QCOMPARE(samples.front().prompt, std::string("Two and one?"));
    QCOMPARE(samples.front().target, std::string("Three."));
}

QTEST_GUILESS_MAIN(TestRun)
#include "tst_run.moc"
