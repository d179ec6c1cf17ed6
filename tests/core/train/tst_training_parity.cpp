// SPDX-License-Identifier: Apache-2.0
// Ten steps of training give the losses and the tensors of PEFT, Transformers and TRL, from the
// same first values, on the same batches, in float32 (tests/fixtures/training/make_cases.py).

#include "core/adaptation/registry.h"
#include "core/objective/registry.h"
#include "tests/core/train/training_case.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <map>

using namespace tw;

namespace {

constexpr double kFirstLoss = 1e-5;
constexpr double kAnyLoss = 1e-4;
/// Of a gradient's norm and of a trained tensor after the last step, relative.
constexpr double kRelative = 1e-3;

/// Cases that wait for their adaptation or objective: whoever adds it takes the line out.
const std::map<std::string, std::string> kNotYet {
    {"adalora", "its penalty and its budget"},
    {"lora_embedding", "a head that is trained"},
    {"lora_plus", "a learning rate of its own for B"},
    {"lora_plus_embedding", "a learning rate of its own for B"},
    {"lora_saved_modules", "a head that is trained"},
    {"olora", "a base that its start changes"},
    {"p_tuning", "an encoder of the virtual tokens"},
    {"pissa", "a base that its start changes"},
    {"prefix_tuning_projected", "an encoder of the virtual tokens"},
    {"trainable_tokens", "a head that is trained"},
};

struct CaseRun
{
    std::shared_ptr<Model> model;
    std::unique_ptr<Adapter> adapter;
    std::vector<StepReport> steps;
};

CaseRun trained(const TrainingCase& given)
{
    JobControl control;
    CaseRun run;
    run.model = loadModel(openModelSource(given.base), control);
    run.adapter = attachAdapter(*run.model, given.folder);
    const auto optimizer =
        optimizers().at("adamw").make(run.adapter->parameters(), given.optimizerSettings);
    const CaseBatches batches(given.batches);
    const TrainingParts parts {*run.model,
                               *run.adapter,
                               objectives().at(given.objective),
                               given.objectiveSettings,
                               *optimizer,
                               schedules().at("constant"),
                               {{"warmupSteps", std::int64_t {0}}},
                               batches};
    TrainingPlan plan;
    plan.steps = given.steps();
    TrainingEvents events;
    events.stepped = [&](const StepReport& report) { run.steps.push_back(report); };
    train(parts, plan, events, control);
    return run;
}

/// Name in PEFT's files, or empty.
std::string storedName(const TensorFile& file, const std::string& name)
{
    for (const std::string& candidate : {"base_model.model." + name, name})
        if (file.find(candidate) != nullptr)
            return candidate;
    return {};
}

double relativeDistance(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).norm() / b.norm()).item<double>();
}

/// The worst of all steps: how far ours is from the reference, and where.
std::string lossesFault(const TrainingCase& given, const std::vector<StepReport>& steps)
{
    for (std::size_t i = 0; i < given.losses.size(); ++i) {
        const double difference = std::abs(steps.at(i).loss - given.losses[i]);
        const double norm = std::abs(steps.at(i).gradientNorm / given.gradientNorms[i] - 1);
        if (difference > (i == 0 ? kFirstLoss : kAnyLoss) || norm > kRelative)
            return "step " + std::to_string(i + 1) + ": loss " + std::to_string(steps[i].loss)
                + " for " + std::to_string(given.losses[i]) + ", gradient "
                + std::to_string(steps[i].gradientNorm) + " for "
                + std::to_string(given.gradientNorms[i]);
    }
    return {};
}

} // namespace

class TestTrainingParity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWaitsIsThere()
    {
        const std::vector<std::string> all = trainingCases();
        for (const auto& [name, what] : kNotYet)
            QVERIFY2(std::find(all.begin(), all.end(), name) != all.end(), name.c_str());
    }

    void tenStepsAreThoseOfTheReference_data()
    {
        QTest::addColumn<std::string>("name");
        for (const std::string& name : trainingCases())
            if (!kNotYet.contains(name))
                QTest::newRow(name.c_str()) << name;
    }

    void tenStepsAreThoseOfTheReference()
    {
        QFETCH(std::string, name);
        const TrainingCase given = readTrainingCase(name);
        QCOMPARE(given.steps(), 10);
        CaseRun run;
        try {
            run = trained(given);
        } catch (const Error& error) {
            QFAIL(error.what());
        }
        const std::string fault = lossesFault(given, run.steps);
        QVERIFY2(fault.empty(), fault.c_str());
        compareTensors(given, *run.adapter);
    }

private:
    /// After the last step; all that the reference trained has to be among them, and have moved.
    static void compareTensors(const TrainingCase& given, const Adapter& adapter)
    {
        const auto start = openTensorFile(given.folder / "adapter_model.safetensors");
        const auto final = openTensorFile(given.folder / "final.safetensors");
        std::set<std::string> missed;
        for (const TensorInfo& info : final->tensors())
            missed.insert(info.name);
        for (const auto& [name, tensor] : adapter.frozen())
            missed.erase(name);
        for (const auto& [name, tensor] : adapter.parameters()) {
            const std::string stored = storedName(*final, name);
            QVERIFY2(missed.erase(stored) == 1, name.c_str());
            if (given.noise.contains(stored))
                continue;
            const at::Tensor expected = final->read(stored);
            const double distance = relativeDistance(tensor, expected);
            QVERIFY2(distance < kRelative, (name + ": " + std::to_string(distance)).c_str());
            QVERIFY2(relativeDistance(start->read(stored), expected) > 10 * kRelative,
                     (name + " hardly moves in the reference").c_str());
        }
        QVERIFY2(missed.empty(), missed.empty() ? "" : missed.begin()->c_str());
    }
};

QTEST_GUILESS_MAIN(TestTrainingParity)
#include "tst_training_parity.moc"
