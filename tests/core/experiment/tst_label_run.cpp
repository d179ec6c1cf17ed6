// SPDX-License-Identifier: Apache-2.0
// An encoder that knows nothing learns which label texts have: from the document to the scores, and
// back from the adapter's folder.
#include "core/adaptation/task_head.h"
#include "core/experiment/run.h"
#include "core/experiment/scores.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "core/workbench/workspace.h"
#include "tests/core/experiment/word_model.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

using namespace tw;
namespace fs = std::filesystem;

namespace {

/// One word of each text tells its label; where it stands changes from row to row.
void writeRows(const fs::path& file, int first, int count)
{
    const std::vector<std::string> telling {"good", "bad", "fine", "poor"};
    std::ofstream out(file);
    out << "text,label\n";
    for (int i = first; i < first + count; ++i) {
        const std::string& word = telling[static_cast<std::size_t>(i) % telling.size()];
        const int before = i * 7 % 4;
        for (int filler = 0; filler < 5; ++filler) {
            if (filler == before)
                out << word << ' ';
            out << wordsOfModel()[static_cast<std::size_t>(8 + (i * 5 + filler * 3) % 12)] << ' ';
        }
        out << ',' << (word == "good" || word == "fine" ? "praise" : "blame") << '\n';
    }
}

double last(const std::vector<MetricPoint>& points)
{
    return points.empty() ? -1.0 : points.back().value;
}

} // namespace

class TestLabelRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aFreshHeadLearnsToTellTheLabels();
    void theHeadAloneCanBeTrained();
    void theCheckFindsNothingWrong();
    void modelsThatCannotHaveTheHeadAreNamed();

private:
    fs::path folder() const { return fs::path(m_folder->path().toStdString()); }
    void train(const Experiment& experiment)
    {
        m_run = m_project->addRun(experiment);
        JobControl control;
        runExperiment(m_project->state().file, m_run, experiment, 1, control);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<Project> m_project;
    Experiment m_experiment;
    std::int64_t m_run = 0;
};

void TestLabelRun::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    writeWordModel("bert_masked", folder() / "model");
    writeRows(folder() / "train.csv", 0, 64);
    writeRows(folder() / "held_out.csv", 101, 24);
    m_project = Project::create(folder() / "project", "labels");
    Experiment e;
    e.name = "labels";
    e.model = (folder() / "model").string();
    e.train = {(folder() / "train.csv").string(), {{"text", "text"}, {"label", "label"}}, 0};
    e.heldOut = {(folder() / "held_out.csv").string(), {{"text", "text"}, {"label", "label"}}, 0};
    e.layout = "plain";
    e.maxLength = 32;
    e.objective.method = "sequence_classification";
    AdaptationChoice lora;
    lora.sites = {{"attn.q", "0-1"}, {"attn.v", "0-1"}, {"mlp.up", "0-1"}};
    e.adaptations = {lora};
    e.optimizer.settings = {{"learningRate", 0.02}};
    e.steps = 80;
    e.batchRows = 16;
    e.evaluateEvery = 0;
    e.checkpointEvery = 0;
    e.threads = 1;
    m_experiment = e;
}

void TestLabelRun::aFreshHeadLearnsToTellTheLabels()
{
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    const auto accuracy = m_project->metric(m_run, "heldOut.accuracy");
    QVERIFY(accuracy.front().value < 0.8);
    QVERIFY2(last(accuracy) > 0.9, std::to_string(last(accuracy)).c_str());
    QVERIFY(last(m_project->metric(m_run, "heldOut.f1")) > 0.9);

    const auto stored = m_project->analyses(m_run);
    QCOMPARE(stored.size(), std::size_t {1});
    QCOMPARE(stored.front().result.method, std::string(kScoresMethod));
    const auto& tables = stored.front().result.tables;
    const auto confusion = std::ranges::find(tables, std::string("confusion"), &ResultTable::id);
    QVERIFY(confusion != tables.end());
    QCOMPARE(confusion->columns, (std::vector<std::string> {"", "blame", "praise"}));

    const std::string adapter = m_project->run(m_run).adapter;
    const ModelSource source = openModelFor(m_experiment.model, {adapter});
    QCOMPARE(source.config.architecture, std::string("BertForSequenceClassification"));
    QCOMPARE(source.config.labels, (std::vector<std::string> {"blame", "praise"}));
}

void TestLabelRun::theHeadAloneCanBeTrained()
{
    m_experiment.adaptations.clear();
    m_experiment.steps = 40;
    train(m_experiment);
    QCOMPARE(m_project->run(m_run).state, RunState::Finished);
    const auto losses = m_project->metric(m_run, "heldOut.loss");
    QVERIFY(losses.back().value < losses.front().value);
}

void TestLabelRun::theCheckFindsNothingWrong()
{
    const CheckReport report = Workspace(1).check(m_experiment).result.get();
    for (const Problem& problem : report.problems)
        QVERIFY2(problem.isWarning, (problem.field + ": " + problem.what).c_str());
}

void TestLabelRun::modelsThatCannotHaveTheHeadAreNamed()
{
    m_experiment.model = TW_FIXTURES "/model/families/t5";
    const CheckReport report = Workspace(1).check(m_experiment).result.get();
    QVERIFY(std::ranges::any_of(report.problems, [](const Problem& problem) {
        return !problem.isWarning && problem.field == "model";
    }));
}

QTEST_GUILESS_MAIN(TestLabelRun)
#include "tst_label_run.moc"
