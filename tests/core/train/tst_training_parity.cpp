// SPDX-License-Identifier: Apache-2.0
// Ten steps of training give the losses and the tensors of PEFT, Transformers and TRL, from the
// same first values, on the same batches, in float32 (tests/fixtures/training/make_cases.py).

#include "core/adaptation/registry.h"
#include "core/adaptation/task_head.h"
#include "core/model/other_task.h"
#include "core/objective/registry.h"
#include "core/train/training.h"
#include "tests/core/train/training_case.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <map>

using namespace tw;

namespace {

constexpr double kFirstLoss = 1e-5;
constexpr double kAnyLoss = 1e-4;
constexpr double kRelative = 1e-3; ///< of a gradient's norm
/// How far a trained tensor may end from the reference's, as a share of the way it went.
constexpr double kOffTheWay = 1e-2;

constexpr std::int64_t kLongestRow = 64; ///< what the tiny models read

/// How far what the first step measures may be from TRL's: sums of some ten float32 chances.
constexpr double kMeasure = 1e-4;

struct CaseRun
{
    std::shared_ptr<Model> model;
    std::unique_ptr<Adapter> adapter;
    std::vector<at::Tensor> start; ///< of adapter->parameters()
    std::vector<StepReport> steps;
    std::vector<double> references; ///< of the first batch's rows
};

/// Name in PEFT's files, or empty. Names of parts begin with their number ("0/").
std::string storedName(const TensorFile& file, const std::string& name)
{
    const std::string own = name.substr(name.find('/') + 1);
    for (const std::string& candidate : {"base_model.model." + own, own})
        if (file.find(candidate) != nullptr)
            return candidate;
    return {};
}

bool hasAdapter(const TrainingCase& given)
{
    return std::filesystem::exists(given.folder / "adapter_config.json");
}

/// The sites that have a tensor among those that the reference trained.
SiteSelection trainedSites(const TrainingCase& given, const Model& model, const Adaptation& method)
{
    const auto final = openTensorFile(given.folder / "final.safetensors");
    SiteSelection selection;
    for (const SiteInfo& info : model.sites()) {
        const auto isOfSite = [&](const TensorInfo& tensor) {
            return tensor.name.find(info.module + ".") != std::string::npos
                || tensor.name == info.module; // a vector that is no part of a module
        };
        const bool isThere =
            info.site.kind == SiteKind::Prompt || std::ranges::any_of(final->tensors(), isOfSite);
        if (isThere
            && std::ranges::find(method.siteKinds, info.site.kind) != method.siteKinds.end())
            selection[info.site.kind].push_back(info.site.layer);
    }
    return selection;
}

/// What the reference started with, in the place of fresh values.
void putStart(const TrainingCase& given, const Adapter& adapter)
{
    const bool hasOwn = std::filesystem::exists(given.folder / "start.safetensors");
    if (!hasOwn && !hasAdapter(given))
        return; // the model's own weights
    const auto file =
        openTensorFile(given.folder / (hasOwn ? "start.safetensors" : "adapter_model.safetensors"));
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.detach().copy_(file->read(storedName(*file, name)));
}

std::unique_ptr<Adapter> attached(const TrainingCase& given, Model& model)
{
    if (hasAdapter(given) && given.adaptationSettings.empty())
        return attachAdapter(model, given.folder);
    const Adaptation& method = adaptations().at(given.adaptation);
    RandomStream random(0, "parity");
    auto adapter = method.attach(model, trainedSites(given, model, method),
                                 given.adaptationSettings, AttachContext {random});
    putStart(given, *adapter);
    if (hasLabels(model.config().task))
        adapter = withTaskHead(std::move(adapter), attachTaskHead(model));
    return adapter;
}

/// The rows are as they were corrupted.
Objective objectiveOf(const TrainingCase& given)
{
    Objective objective = objectives().at(given.objective);
    objective.corrupt = {};
    return objective;
}

/// One a step, with what the model says of them without the adapter where the objective asks.
std::vector<Batch> batchesOf(const TrainingCase& given, const Objective& objective, CaseRun& run)
{
    std::vector<Batch> batches;
    run.adapter->setEnabled(false);
    for (std::vector<TokenizedRow> rows : given.rows) {
        if (objective.prepare)
            objective.prepare(rows, given.objectiveSettings, kLongestRow);
        std::vector<const TokenizedRow*> pointers;
        for (const TokenizedRow& row : rows)
            pointers.push_back(&row);
        batches.push_back(packRows(pointers));
        if (objective.reference)
            batches.back().references =
                objective.reference(*run.model, batches.back(), given.objectiveSettings);
    }
    run.adapter->setEnabled(true);
    return batches;
}

CaseRun trained(const TrainingCase& given)
{
    JobControl control;
    CaseRun run;
    run.model = loadModel(openModelSource(given.base), control);
    run.adapter = attached(given, *run.model);
    for (const auto& [name, tensor] : run.adapter->parameters())
        run.start.push_back(tensor.detach().clone());
    const Objective objective = objectiveOf(given);
    const auto optimizer =
        optimizers().at("adamw").make(run.adapter->parameters(), given.optimizerSettings);
    optimizer->treat(run.adapter->treatments());
    std::vector<Batch> all = batchesOf(given, objective, run);
    run.references = all.front().references;
    const StepBatches batches(std::move(all));
    const TrainingParts parts {*run.model,
                               *run.adapter,
                               objective,
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

double lengthOf(const at::Tensor& tensor)
{
    return tensor.norm().item<double>();
}

double distance(const at::Tensor& a, const at::Tensor& b)
{
    return lengthOf(a.detach() - b);
}

/// What TRL's name for a measure is called here, and how many rows a sum of it is over: of KTO's
/// liked answers, or of the others.
std::pair<std::string, double> measureOf(const TrainingCase& given, const std::string& said)
{
    static const std::map<std::string, std::string> kNames {
        {"rewards/accuracies", "rewards.accuracy"}, {"rewards/margins", "rewards.margin"}};
    if (const auto it = kNames.find(said); it != kNames.end())
        return {it->second, 1.0};
    std::string name = said;
    std::ranges::replace(name, '/', '.');
    const std::string ending = "_sum";
    if (!name.ends_with(ending))
        return {name, 1.0};
    const double wanted = name.find("chosen") != std::string::npos ? 1.0 : 0.0;
    const auto isOfSide = [&](const TokenizedRow& row) { return row.labels.front() == wanted; };
    return {name.substr(0, name.size() - ending.size()),
            static_cast<double>(std::ranges::count_if(given.rows.front(), isOfSide))};
}

bool isMeasured(double found, double expected)
{
    return std::abs(found - expected) <= kMeasure * std::max(1.0, std::abs(expected) / 10);
}

/// What the first step measures beside the loss, where TRL's trainer said it.
std::string measuresFault(const TrainingCase& given, const std::vector<StepReport>& steps)
{
    for (const auto& [said, value] : given.said) {
        const auto [name, rows] = measureOf(given, said);
        const auto it = steps.front().measures.find(name);
        if (it == steps.front().measures.end())
            return name + " is not measured";
        if (!isMeasured(it->second * rows, value))
            return name + " is " + std::to_string(it->second * rows) + " for "
                + std::to_string(value);
    }
    for (std::size_t i = 0; i < given.divergences.size(); ++i)
        if (!isMeasured(steps.at(i).measures.at("kl"), given.divergences[i]))
            return "step " + std::to_string(i + 1) + ": kl is "
                + std::to_string(steps[i].measures.at("kl")) + " for "
                + std::to_string(given.divergences[i]);
    return {};
}

/// What the model without the adapter thinks of the first batch's answers. TRL has that of chosen
/// answers, then of rejected ones; for IPO by token.
std::string referencesFault(const TrainingCase& given, const CaseRun& run)
{
    for (std::size_t side = 0; side < given.references.size(); ++side)
        for (std::size_t pair = 0; pair < given.references[side].size(); ++pair) {
            const TokenizedRow& chosen = given.rows.front().at(pair);
            const TokenizedRow& row = side == 0 ? chosen : chosen.rejected.front();
            const auto tokens = std::ranges::count(row.isTrained, 1);
            const double found = run.references.at(2 * pair + side)
                / (given.objective == "ipo" ? static_cast<double>(tokens) : 1.0);
            if (!isMeasured(found, given.references[side][pair]))
                return "the reference of answer " + std::to_string(2 * pair + side) + " is "
                    + std::to_string(found) + " for "
                    + std::to_string(given.references[side][pair]);
        }
    return {};
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
    void tenStepsAreThoseOfTheReference_data()
    {
        QTest::addColumn<std::string>("name");
        for (const std::string& name : trainingCases())
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
        const std::string measures = measuresFault(given, run.steps);
        QVERIFY2(measures.empty(), measures.c_str());
        const std::string references = referencesFault(given, run);
        QVERIFY2(references.empty(), references.c_str());
        compareTensors(given, run);
    }

    void whatTrlMeasuredIsThere()
    {
        std::size_t measured = 0;
        std::size_t referenced = 0;
        for (const std::string& name : trainingCases()) {
            const TrainingCase given = readTrainingCase(name);
            measured += given.said.size() + given.divergences.size();
            for (const std::vector<double>& side : given.references)
                referenced += side.size();
        }
        QCOMPARE(measured, 78U);
        QCOMPARE(referenced, 36U);
    }

private:
    /// After the last step: all that the reference trained is there and went where it went.
    static void compareTensors(const TrainingCase& given, const CaseRun& run)
    {
        const auto final = openTensorFile(given.folder / "final.safetensors");
        std::set<std::string> missed;
        for (const TensorInfo& info : final->tensors())
            missed.insert(info.name);
        for (const auto& [name, tensor] : run.adapter->frozen())
            missed.erase(name);
        const NamedTensors parameters = run.adapter->parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            const auto& [name, tensor] = parameters[i];
            const std::string stored = storedName(*final, name);
            QVERIFY2(missed.erase(stored) == 1, name.c_str());
            if (given.noise.contains(stored))
                continue;
            const at::Tensor expected = final->read(stored);
            const double way = distance(run.start[i], expected);
            QVERIFY2(way > kRelative * lengthOf(expected), (name + " is not trained").c_str());
            const double off = distance(tensor, expected) / way;
            QVERIFY2(off < kOffTheWay, (name + ": " + std::to_string(off)).c_str());
        }
        QVERIFY2(missed.empty(), missed.empty() ? "" : missed.begin()->c_str());
    }
};

QTEST_GUILESS_MAIN(TestTrainingParity)
#include "tst_training_parity.moc"
