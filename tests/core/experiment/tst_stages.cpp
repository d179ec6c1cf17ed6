// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/experiment/run.h"
#include "core/experiment/stages.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tw;
namespace fs = std::filesystem;

namespace {

AdaptationChoice method(const std::string& id, const ParamValues& settings = {})
{
    AdaptationChoice choice;
    choice.method = id;
    choice.settings = settings;
    return choice;
}

/// LT-SFT's two phases, and LoRA over their result.
Experiment recipe(const fs::path& data)
{
    Experiment experiment = tinyExperiment(data);
    experiment.checkpointEvery = 2;
    Stage all;
    all.name = "all";
    all.adaptations = {method("full")};
    all.steps = 4;
    Stage few;
    few.name = "few";
    few.adaptations = {method("lt_sft", {{"share", 0.1}, {"maskFrom", "stage:all"}})};
    few.steps = 6;
    few.seed = 8;
    Stage above;
    above.name = "above";
    above.adapters = {"stage:few"};
    above.adaptations = {method("lora")};
    above.steps = 3;
    experiment.stages = {all, few, above};
    return experiment;
}

} // namespace

class TestStages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStageOverlaysTheExperiment()
    {
        QTemporaryDir folder;
        const Experiment whole = recipe(folder.path().toStdString());
        const auto stages = stagesOf(whole);
        QCOMPARE(stages.size(), std::size_t {3});
        QCOMPARE(stages[1].steps, 6);
        QCOMPARE(stages[1].seed, 8);
        QCOMPARE(stages[1].batchRows, whole.batchRows);
        QVERIFY(stages[1].stages.empty());
        QCOMPARE(totalSteps(whole), 13);
        QVERIFY(checkStages(whole).empty());
        QCOMPARE(experimentFrom(toJsonText(whole), "test"), whole);
    }

    void whatIsAskedTooEarlyIsToldAtItsField()
    {
        QTemporaryDir folder;
        Experiment whole = recipe(folder.path().toStdString());
        std::swap(whole.stages[0], whole.stages[1]);
        whole.stages[2].name = "all";
        const Problems problems = checkStages(whole);
        QCOMPARE(problems.size(), std::size_t {2});
        QCOMPARE(problems[0].field, std::string("stages[0].adaptations[0].settings.maskFrom"));
        QCOMPARE(problems[1].field, std::string("stages[2].name"));
        QVERIFY(!problems[0].hint.empty());
    }

    void stagesRunOneAfterTheOther()
    {
        QTemporaryDir folder;
        Made made(folder.path().toStdString());
        made.train();
        const RunSummary run = made.project->run(made.run);
        QCOMPARE(run.state, RunState::Finished);
        QCOMPARE(run.step, 13);
        QCOMPARE(run.steps, 13);
        QCOMPARE(made.project->metric(made.run, "loss").size(), std::size_t {13});
        const Json whole = readJsonFile(made.stage(2) / "adapter/adapter_config.json", 1U << 16U);
        QCOMPARE(whole.at("parts").get<int>(), 2); // the sparse difference and LoRA over it
        QVERIFY(fs::exists(made.stage(2) / "trained/adapter_model.safetensors"));
        QCOMPARE(fs::path(run.adapter).filename().string(), std::string("adapter"));
    }

    void aRunThatDiedGoesOnInItsStageBitForBit()
    {
        QTemporaryDir folder;
        Made made(folder.path().toStdString());
        made.train();
        const auto losses = made.project->metric(made.run, "loss");
        fs::remove_all(made.stage(2));
        fs::remove_all(made.stage(1) / "adapter");
        fs::remove_all(made.stage(1) / "checkpoints/step-6");
        made.train();
        QCOMPARE(made.project->metric(made.run, "loss"), losses);
        std::vector<std::int64_t> resumed;
        for (const RunEvent& event : made.project->events(made.run))
            if (event.kind == "resumed")
                resumed.push_back(event.step);
        QCOMPARE(resumed, std::vector<std::int64_t> {8}); // 4 of the first stage, 4 of the second
    }

private:
    struct Made
    {
        explicit Made(const fs::path& folder)
            : project(Project::create(folder / "project", "tiny"))
            , run(project->addRun(recipe(folder / "data")))
        {
        }
        void train()
        {
            JobControl control;
            runExperiment(project->state().file, run, project->experimentOf(run), 1, control);
        }
        fs::path stage(std::size_t index)
        {
            return stageFolder(project->state().file->runFolder(run), project->experimentOf(run),
                               index);
        }

        std::shared_ptr<Project> project;
        std::int64_t run;
    };
};

QTEST_GUILESS_MAIN(TestStages)
#include "tst_stages.moc"
