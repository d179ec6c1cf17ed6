// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/train/checkpoint.h"
#include "tests/core/train/lora_run.h"

#include <ATen/Parallel.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <limits>

using namespace tw;

namespace {

const ParamValues kLoraWithDropout {{"rank", std::int64_t {4}}, {"dropout", 0.3}};

TrainingPlan planOf(std::int64_t steps, const std::filesystem::path& folder = {})
{
    TrainingPlan plan;
    plan.steps = steps;
    plan.accumulation = 2;
    plan.folder = folder;
    plan.seed = 7;
    plan.fingerprint = "the test";
    return plan;
}

struct Trace
{
    std::vector<StepReport> steps;
    std::vector<std::string> notices;
    std::vector<std::int64_t> evaluated;
    std::vector<std::int64_t> saved;
    TrainingResult result;

    std::vector<double> losses() const
    {
        std::vector<double> all;
        for (const auto& report : steps)
            all.push_back(report.loss);
        return all;
    }
};

/// Trains; stopAfter > 0 asks for a stop once that step is done.
Trace trained(LoraRun& run, const TrainingPlan& plan, std::int64_t stopAfter = 0)
{
    Trace trace;
    JobControl control;
    const TrainingEvents events {
        [&](const StepReport& report) {
            trace.steps.push_back(report);
            if (report.step == stopAfter)
                control.stop();
        },
        [&](std::int64_t step) { trace.evaluated.push_back(step); },
        [&](std::int64_t step, const std::filesystem::path&) { trace.saved.push_back(step); },
        [&](const std::string& sentence) { trace.notices.push_back(sentence); }};
    trace.result = train(run.parts(), plan, events, control);
    return trace;
}

double relativeDistance(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).norm() / b.norm()).item<double>();
}

void damage(const std::filesystem::path& file)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(-3, std::ios::end);
    stream.put('\x55');
}

std::filesystem::path pathOf(const QTemporaryDir& folder)
{
    return folder.path().toStdString();
}

} // namespace

class TestTraining : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tenStepsAreThoseOfTransformersAndPeft()
    {
        LoraRun run;
        const Trace trace = trained(run, planOf(10));
        const Json expected = readJsonFile(runFixture() / "run.json", 1U << 20U)["steps"];
        QCOMPARE(trace.steps.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QVERIFY(std::abs(trace.steps[i].loss - expected[i]["loss"].get<double>()) < 1e-5);
            QVERIFY(std::abs(trace.steps[i].gradientNorm / expected[i]["norm"].get<double>() - 1)
                    < 1e-4);
            QVERIFY(
                std::abs(trace.steps[i].learningRate - expected[i]["learningRate"].get<double>())
                < 1e-15);
            QCOMPARE(trace.steps[i].trainedTokens,
                     expected[i]["trainedTokens"].get<std::int64_t>());
        }
        const auto end = openTensorFile(runFixture() / "end/adapter_model.safetensors");
        const auto start = openTensorFile(runFixture() / "start/adapter_model.safetensors");
        for (const auto& [name, tensor] : run.adapter->parameters()) {
            const std::string stored = "base_model.model." + name;
            QVERIFY2(relativeDistance(tensor, end->read(stored)) < 1e-3, name.c_str());
            QVERIFY2(relativeDistance(tensor, start->read(stored)) > 0.05,
                     name.c_str()); // they moved at all
        }
    }

    void theFirstStepOfAWarmUpChangesNothing()
    {
        LoraRun run;
        const auto before = run.adapter->parameters().front().second.detach().clone();
        trained(run, planOf(1));
        QVERIFY(at::equal(run.adapter->parameters().front().second, before));
    }

    void resumingGivesTheSameLossesBitForBit_data()
    {
        QTest::addColumn<int>("stopAfter");
        QTest::newRow("after the first step") << 1;
        QTest::newRow("during the warm-up") << 2;
        QTest::newRow("in the middle of an epoch") << 5;
        QTest::newRow("before the last step") << 11;
    }

    void resumingGivesTheSameLossesBitForBit()
    {
        QFETCH(int, stopAfter);
        const QTemporaryDir folder;
        LoraRun whole(kLoraWithDropout, {});
        const Trace expected = trained(whole, planOf(12));
        Trace first;
        {
            LoraRun run(kLoraWithDropout, {});
            first = trained(run, planOf(12, pathOf(folder)), stopAfter);
            QVERIFY(first.result.isStopped);
            QCOMPARE(first.result.steps, stopAfter);
        }
        at::manual_seed(999); // whatever else drew numbers in between
        at::rand({17});
        LoraRun again(kLoraWithDropout, {});
        const Trace second = trained(again, planOf(12, pathOf(folder)));
        std::vector<double> losses = first.losses();
        const auto rest = second.losses();
        losses.insert(losses.end(), rest.begin(), rest.end());
        QVERIFY(losses == expected.losses());
        const auto a = whole.adapter->parameters();
        const auto b = again.adapter->parameters();
        for (std::size_t i = 0; i < a.size(); ++i)
            QVERIFY(at::equal(a[i].second, b[i].second));
    }

    void dropoutChangesTheLosses() // else the test above would prove less than it says
    {
        LoraRun with(kLoraWithDropout, {});
        LoraRun without({{"rank", std::int64_t {4}}}, {});
        QVERIFY(trained(with, planOf(6)).losses() != trained(without, planOf(6)).losses());
    }

    void aDamagedCheckpointIsPassedOverAndSaid()
    {
        const QTemporaryDir folder;
        TrainingPlan plan = planOf(9, pathOf(folder));
        plan.checkpointEvery = 2;
        LoraRun first(kLoraWithDropout, {});
        const Trace expected = trained(first, plan);
        QCOMPARE(checkpointSteps(plan.folder), (std::vector<std::int64_t> {6, 8, 9}));
        damage(checkpointFolder(plan.folder, 9) / "adapter_model.safetensors");
        std::filesystem::remove(checkpointFolder(plan.folder, 8) / "optimizer.safetensors");
        LoraRun second(kLoraWithDropout, {});
        const Trace resumed = trained(second, plan);
        QCOMPARE(resumed.steps.size(), std::size_t {3});
        QCOMPARE(resumed.steps.front().step, 7);
        QCOMPARE(resumed.steps.back().loss, expected.steps.back().loss);
        QVERIFY(resumed.notices[0].find("step-9 is passed over") != std::string::npos);
        QVERIFY(resumed.notices[0].find("adapter_model.safetensors") != std::string::npos);
        QVERIFY(resumed.notices[1].find("step-8 is passed over") != std::string::npos);
        QVERIFY(resumed.notices[2].find("goes on from step 6") != std::string::npos);
    }

    void theCheckpointOfAnotherExperimentIsRefused()
    {
        const QTemporaryDir folder;
        LoraRun run;
        TrainingPlan plan = planOf(2, pathOf(folder));
        trained(run, plan);
        plan.fingerprint = "another";
        QVERIFY_EXCEPTION_THROWN(trained(run, plan), Error);
    }

    void aFinishedRunHasNothingLeftToDo()
    {
        const QTemporaryDir folder;
        LoraRun run;
        trained(run, planOf(3, pathOf(folder)));
        const Trace again = trained(run, planOf(3, pathOf(folder)));
        QVERIFY(again.steps.empty());
        QCOMPARE(again.result.steps, 3);
        QVERIFY(!again.result.isStopped);
    }

    void evaluationsAndCheckpointsComeWhenTheyAreDue()
    {
        const QTemporaryDir folder;
        LoraRun run;
        TrainingPlan plan = planOf(7, pathOf(folder));
        plan.evaluateEvery = 3;
        plan.checkpointEvery = 2;
        plan.keepCheckpoints = 2;
        const Trace trace = trained(run, plan);
        QVERIFY(trace.evaluated == (std::vector<std::int64_t> {0, 3, 6, 7}));
        QVERIFY(trace.saved == (std::vector<std::int64_t> {2, 4, 6, 7}));
        QVERIFY(checkpointSteps(plan.folder) == (std::vector<std::int64_t> {6, 7}));
    }

    void aStopDuringAnEvaluationIsSavedToo()
    {
        const QTemporaryDir folder;
        LoraRun run;
        TrainingPlan plan = planOf(7, pathOf(folder));
        plan.evaluateEvery = 3;
        plan.checkpointEvery = 2;
        JobControl control;
        std::vector<std::int64_t> saved;
        TrainingEvents events;
        events.evaluate = [&](std::int64_t step) {
            if (step == 3)
                control.stop();
        };
        events.saved = [&](std::int64_t step, const std::filesystem::path&) {
            saved.push_back(step);
        };
        const TrainingResult result = train(run.parts(), plan, events, control);
        QVERIFY(result.isStopped);
        QCOMPARE(result.steps, 3);
        QCOMPARE(saved, (std::vector<std::int64_t> {2, 3}));
        QVERIFY(result.checkpoint == checkpointFolder(plan.folder, 3));
    }

    void aCheckpointIsAnAdapterThatPeftReads()
    {
        const QTemporaryDir folder;
        LoraRun run;
        const Trace trace = trained(run, planOf(2, pathOf(folder)));
        const auto model = tinyModel();
        const auto adapter = attachAdapter(*model, trace.result.checkpoint);
        const auto expected = run.adapter->parameters();
        const auto read = adapter->parameters();
        for (std::size_t i = 0; i < expected.size(); ++i)
            QVERIFY(at::equal(read[i].second, expected[i].second));
    }

    void aCancelledRunWritesNothing()
    {
        const QTemporaryDir folder;
        LoraRun run;
        JobControl control;
        TrainingEvents events;
        events.stepped = [&](const StepReport& report) {
            if (report.step == 2)
                control.cancel();
        };
        QVERIFY_EXCEPTION_THROWN(train(run.parts(), planOf(6, pathOf(folder)), events, control),
                                 Cancelled);
        QVERIFY(checkpointSteps(pathOf(folder)).empty());
    }

    void numbersThatRunOffEndTheRunOnItsLastGoodState()
    {
        const QTemporaryDir folder;
        LoraRun run({{"clipNorm", 0.0}});
        const auto parameters = run.adapter->parameters();
        TrainingEvents events;
        at::Tensor good;
        events.stepped = [&](const StepReport& report) {
            if (report.step != 3)
                return;
            good = parameters.front().second.detach().clone();
            parameters.back().second.detach().fill_(std::numeric_limits<float>::infinity());
        };
        JobControl control;
        try {
            train(run.parts(), planOf(6, pathOf(folder)), events, control);
            QFAIL("the run went on");
        } catch (const Error& error) {
            const std::string what = error.what();
            QVERIFY2(what.find("Step 4: the loss is not a number") != std::string::npos,
                     what.c_str());
            QVERIFY2(what.find("step-3") != std::string::npos, what.c_str());
            QVERIFY(error.hint().find("learning rate") != std::string::npos);
        }
        const auto kept =
            openTensorFile(checkpointFolder(pathOf(folder), 3) / "adapter_model.safetensors");
        QVERIFY(at::equal(kept->read("base_model.model." + parameters.front().first), good));
    }

    void heldOutLossIsTheMeanOverAllTrainedTokens()
    {
        LoraRun run;
        JobControl control;
        const HeldOutLoss loss =
            heldOutLoss(*run.model, objectives().at("supervised"), {}, run.batches, control);
        std::int64_t count = 0;
        double sum = 0.0;
        for (std::int64_t i = 0; i < run.batches.batchesPerEpoch(); ++i) {
            const Batch batch = run.batches.batch(i);
            const at::Tensor logits =
                run.model->logits(run.model->hidden(packedInput(batch))).detach();
            const at::Tensor targets = at::tensor(batch.targets, at::kLong);
            sum += at::cross_entropy_loss(logits, targets, {}, at::Reduction::Sum, -100)
                       .item<double>();
            count += batch.trainedCount();
        }
        QCOMPARE(loss.trainedTokens, count);
        QVERIFY(std::abs(loss.mean() - sum / static_cast<double>(count)) < 1e-5);
    }

    void aStepReportCountsTokensAndTime()
    {
        LoraRun run;
        const Trace trace = trained(run, planOf(1));
        const StepReport& report = trace.steps.front();
        QCOMPARE(report.tokens,
                 run.batches.batch(0).tokenCount() + run.batches.batch(1).tokenCount());
        QVERIFY(report.seconds > 0);
        QVERIFY(report.memoryBytes > (std::int64_t {10} << 20U)); // a process with LibTorch loaded
    }
};

QTEST_GUILESS_MAIN(TestTraining)
#include "tst_training.moc"
