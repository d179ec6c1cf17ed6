// SPDX-License-Identifier: Apache-2.0
// An encoder with its decoder learns to answer: T5, from the document to the adapter.
#include "core/experiment/run.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "tests/core/experiment/word_model.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace tw;
namespace fs = std::filesystem;

namespace {

/// The answer is the telling word of the text: a summary of one word.
void writeRows(const fs::path& file, int first, int count)
{
    std::ofstream out(file);
    out << "text,summary\n";
    for (int i = first; i < first + count; ++i) {
        const std::string& word = wordsOfModel()[static_cast<std::size_t>(4 + i % 4)];
        out << "the film was " << word << " it was a "
            << wordsOfModel()[static_cast<std::size_t>(12 + i * 3 % 8)] << ',' << word << '\n';
    }
}

} // namespace

class TestAnswerRun : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aModelWithAnEncoderLearnsToSumUp();
};

void TestAnswerRun::aModelWithAnEncoderLearnsToSumUp()
{
    const QTemporaryDir temporary;
    const fs::path folder = temporary.path().toStdString();
    writeWordModel("t5", folder / "model");
    writeRows(folder / "train.csv", 0, 48);
    writeRows(folder / "held_out.csv", 101, 12);
    Experiment e;
    e.name = "summaries";
    e.model = (folder / "model").string();
    e.train = {(folder / "train.csv").string(), {{"text", "prompt"}, {"summary", "answer"}}, 0};
    e.heldOut = {
        (folder / "held_out.csv").string(), {{"text", "prompt"}, {"summary", "answer"}}, 0};
    e.layout = "plain";
    e.maxLength = 32;
    e.optimizer.settings = {{"learningRate", 0.01}};
    e.steps = 40;
    e.batchRows = 12;
    e.evaluateEvery = 0;
    e.checkpointEvery = 0;
    e.threads = 1;
    const auto project = Project::create(folder / "project", "summaries");
    const std::int64_t run = project->addRun(e);
    JobControl control;
    runExperiment(project->state().file, run, e, 1, control);
    QCOMPARE(project->run(run).state, RunState::Finished);
    const auto losses = project->metric(run, "heldOut.loss");
    QVERIFY2(losses.back().value < 0.9 * losses.front().value,
             (std::to_string(losses.front().value) + " to " + std::to_string(losses.back().value))
                 .c_str());
    QVERIFY(!project->samples(run).empty());
}

QTEST_GUILESS_MAIN(TestAnswerRun)
#include "tst_answer_run.moc"
