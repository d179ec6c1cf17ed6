// SPDX-License-Identifier: Apache-2.0
// The numbers of PEFT come from tests/fixtures/training/make_cases.py and
// tests/fixtures/adaptation/make_lora_starts.py.

#include "core/adaptation/adalora_budget.h"
#include "core/adaptation/registry.h"
#include "core/base/json.h"
#include "core/objective/registry.h"
#include "core/train/checkpoint.h"
#include "core/train/training.h"
#include "tests/contract/tiny_model.h"
#include "tests/core/train/training_case.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace tw;

namespace {

const Adaptation& adalora()
{
    return adaptations().at("adalora");
}

std::unique_ptr<Adapter> attached(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return adalora().attach(model, {{SiteKind::AttnQ, {0, 1}}, {SiteKind::MlpDown, {1}}}, settings,
                            {random});
}

AdaloraLayer layer(const std::string& module, std::int64_t rank)
{
    return {module,
            std::make_shared<AdaloraDelta>(at::eye(rank), at::ones({rank, 1}), at::eye(rank), 1.0,
                                           0.0)};
}

void giveGradient(const at::Tensor& parameter, const at::Tensor& gradient)
{
    parameter.mutable_grad() = gradient.view_as(parameter).clone();
}

/// Gradients that differ from each other and from step to step, as a loss would give them.
void giveGradients(const Adapter& adapter, std::int64_t step)
{
    double phase = static_cast<double>(step);
    for (const auto& [name, tensor] : adapter.parameters()) {
        phase += 1.7;
        giveGradient(tensor, at::linspace(phase, 40 * phase, tensor.numel()).sin());
    }
}

at::Tensor logitsOf(const Model& model)
{
    const at::NoGradGuard noGrad;
    return model.logits(model.hidden(oneRow(at::arange(3, 40, 3, at::kLong))));
}

/// Moves every parameter and lets the method decide, as a run of `steps` steps would, up to one.
void go(Adapter& adapter, std::int64_t from, std::int64_t to, std::int64_t steps)
{
    for (std::int64_t step = from; step < to; ++step) {
        giveGradients(adapter, step);
        adapter.beforeUpdate({step, steps, 1e-3});
        for (const auto& [name, tensor] : adapter.parameters())
            tensor.detach().sub_(tensor.grad() * 0.02);
        adapter.afterUpdate({step, steps, 1e-3});
    }
}

Json configOf(const Adapter& adapter)
{
    return parseJson(adapter.peftConfig("base"), "config");
}

std::vector<int> flags(const std::vector<bool>& kept)
{
    return {kept.begin(), kept.end()};
}

} // namespace

class TestAdalora : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theBudgetFallsAsInPeft()
    {
        const Json facts =
            readJsonFile(TW_SOURCE "/tests/fixtures/adaptation/lora_starts/starts.json", 1U << 20U);
        QVERIFY(!facts.at("budgets").empty());
        for (const Json& one : facts.at("budgets")) {
            AdaloraSchedule schedule;
            schedule.firstSteps = one.at("tinit").get<std::int64_t>();
            schedule.lastSteps = one.at("tfinal").get<std::int64_t>();
            std::int64_t step = 0;
            for (const Json& budget : one.at("budgets"))
                QCOMPARE(adaloraBudget(schedule, one.at("all").get<std::int64_t>(),
                                       one.at("target").get<std::int64_t>(), step++,
                                       one.at("steps").get<std::int64_t>()),
                         budget.get<std::int64_t>());
        }
    }

    void tenStepsAreThoseOfPeft()
    {
        const TrainingCase given = readTrainingCase("adalora");
        const Json ranks =
            readJsonFile(given.folder / "case.json", 1U << 20U).at("ranks"); // after each step
        const auto model = tinyModel();
        RandomStream random(7, "test");
        const auto adapter = adalora().attach(
            *model,
            {{SiteKind::AttnQ, {0, 1}}, {SiteKind::AttnV, {0, 1}}, {SiteKind::MlpUp, {0, 1}}},
            {{"rank", std::int64_t {5}},
             {"targetRank", std::int64_t {2}},
             {"alpha", 3.0},
             {"tinit", std::int64_t {2}},
             {"tfinal", std::int64_t {3}}},
            {random});
        const std::vector<at::Tensor> first = readAdapterTensors(*adapter, given.folder);
        const NamedTensors parameters = adapter->parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i)
            parameters[i].second.detach().copy_(first[i]);
        const auto optimizer = optimizers().at("adamw").make(parameters, given.optimizerSettings);
        const StepBatches batches(packedSteps(given));
        TrainingPlan plan;
        plan.steps = given.steps();
        TrainingEvents events;
        events.stepped = [&](const StepReport& report) {
            const auto step = static_cast<std::size_t>(report.step - 1);
            QVERIFY(std::abs(report.loss - given.losses[step]) < 1e-4);
            for (const auto& [name, tensor] : parameters)
                if (name.ends_with(".lora_E"))
                    QCOMPARE((tensor != 0).sum().item<int>(),
                             ranks[step].at(name.substr(0, name.size() - 7)).get<int>());
        };
        JobControl control;
        train({*model,
               *adapter,
               objectives().at(given.objective),
               given.objectiveSettings,
               *optimizer,
               schedules().at("constant"),
               {{"warmupSteps", std::int64_t {0}}},
               batches},
              plan, events, control);
        const auto last = openTensorFile(given.folder / "final.safetensors");
        for (const auto& [name, tensor] : parameters) {
            const at::Tensor expected = last->read("base_model.model." + name);
            QVERIFY2(((tensor - expected).norm() / expected.norm()).item<double>() < 1e-3
                         || expected.norm().item<double>() == 0.0,
                     name.c_str());
        }
    }

    void thePenaltyMeasuresHowFarTheFactorsAreFromOrthogonal()
    {
        AdaloraLayer one = layer("one", 2);
        one.delta->Q().detach().mul_(2.0); // Q Q^T - I = 3 I, of norm 3 sqrt(2); P is orthogonal
        const AdaloraBudget budget({}, {one});
        QVERIFY(std::abs(budget.penalty().item<double>() - 0.5 * 3 * std::sqrt(2.0) / 2) < 1e-6);
        budget.penalty().backward();
        QVERIFY(one.delta->Q().grad().abs().max().item<double>() > 0.1);
        QVERIFY(!one.delta->E().grad().defined());
    }

    void theRanksThatMatterLeastAreTaken()
    {
        const AdaloraLayer one = layer("one", 2);
        const AdaloraLayer two = layer("two", 2);
        AdaloraSchedule schedule;
        schedule.targetRank = 1;
        schedule.lastSteps = 1;
        AdaloraBudget budget(schedule, {one, two});
        const auto update = [&](std::int64_t step) {
            giveGradient(one.delta->E(), at::tensor({3.0, 2.0}, at::kFloat));
            giveGradient(two.delta->E(), at::tensor({1.0, 0.5}, at::kFloat));
            budget.update({step, 4, 1e-3});
        };
        update(0);
        QVERIFY(!budget.isDecided());
        update(1); // 4 ranks, 2 in the end: 2 + 2 (2/3)^3 leaves 2
        QVERIFY(budget.isDecided());
        QCOMPARE(flags(budget.kept(0)), (std::vector<int> {1, 1}));
        QCOMPARE(flags(budget.kept(1)), (std::vector<int> {0, 0}));
        QCOMPARE(one.delta->E().sum().item<double>(), 2.0);
        QCOMPARE(two.delta->E().abs().sum().item<double>(), 0.0);
    }

    void whatWasTakenStaysAwayInTheLastSteps()
    {
        const auto model = tinyModel();
        const ParamValues settings {{"rank", std::int64_t {4}},
                                    {"targetRank", std::int64_t {2}},
                                    {"tinit", std::int64_t {1}},
                                    {"tfinal", std::int64_t {3}}};
        const auto adapter = attached(*model, settings);
        go(*adapter, 0, 7, 10);
        QVERIFY(configOf(*adapter).at("rank_pattern").is_object());
        go(*adapter, 7, 8, 10); // chooses for the last time
        const std::string chosen = configOf(*adapter).at("rank_pattern").dump();
        go(*adapter, 8, 10, 10);
        QCOMPARE(configOf(*adapter).at("rank_pattern").dump(), chosen);
        std::int64_t left = 0;
        for (const auto& [name, tensor] : adapter->parameters())
            if (name.ends_with("lora_E"))
                left += (tensor != 0).sum().item<std::int64_t>();
        QCOMPARE(left, 3 * 2);
        QCOMPARE(configOf(*adapter).at("total_step").get<int>(), 10);
    }

    void itIsWrittenWithTheRanksThatAreLeft()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto model = tinyModel();
        auto adapter = attached(
            *model,
            {{"rank", std::int64_t {4}}, {"targetRank", std::int64_t {1}}, {"alpha", 12.0}});
        QVERIFY(configOf(*adapter).at("rank_pattern").is_null());
        go(*adapter, 0, 10, 10);
        const at::Tensor tuned = logitsOf(*model);
        writeAdapter(*adapter, "tiny", path / "adapter");
        adapter.reset();
        QVERIFY(!at::allclose(logitsOf(*model), tuned));
        const auto read = attachAdapter(*model, path / "adapter");
        QVERIFY((logitsOf(*model) - tuned).abs().max().item<double>() < 1e-5);
        std::int64_t ranks = 0;
        for (const auto& [name, tensor] : read->parameters())
            if (name.ends_with("lora_E"))
                ranks += tensor.size(0);
        QCOMPARE(ranks, 3);
    }

    void aCheckpointBringsBackAveragesAndChoices()
    {
        const QTemporaryDir folder;
        const ParamValues settings {{"rank", std::int64_t {4}}, {"targetRank", std::int64_t {2}}};
        const auto model = tinyModel();
        auto adapter = attached(*model, settings);
        go(*adapter, 0, 4, 10);
        const auto optimizer = optimizers().at("adamw").make(adapter->parameters(), {});
        const auto checkpoint =
            writeCheckpoint(folder.path().toStdString(), {}, *adapter, *optimizer, "tiny");
        go(*adapter, 4, 10, 10);
        const at::Tensor uninterrupted = logitsOf(*model);
        const std::string pattern = configOf(*adapter).at("rank_pattern").dump();
        adapter.reset();
        const auto resumed = attached(*model, settings);
        const auto restored = optimizers().at("adamw").make(resumed->parameters(), {});
        restoreCheckpoint(checkpoint, *resumed, *restored);
        go(*resumed, 4, 10, 10);
        QCOMPARE(configOf(*resumed).at("rank_pattern").dump(), pattern);
        QVERIFY(at::equal(logitsOf(*model), uninterrupted));
    }

    void aRunWithoutAStepToChooseInIsRefused()
    {
        const auto model = tinyModel();
        const auto adapter =
            attached(*model, {{"tinit", std::int64_t {6}}, {"tfinal", std::int64_t {4}}});
        QVERIFY_EXCEPTION_THROWN(adapter->beforeUpdate({0, 10, 1e-3}), Error);
        adapter->beforeUpdate({0, 11, 1e-3});
    }

    void moreRanksAtTheEndAreRefused()
    {
        const Problems problems =
            adalora().check(tinyModel()->sites(), {{SiteKind::AttnQ, {0}}},
                            {{"rank", std::int64_t {4}}, {"targetRank", std::int64_t {5}}});
        QCOMPARE(problems.size(), std::size_t {1});
        QCOMPARE(problems.front().field, std::string("settings.targetRank"));
    }
};

QTEST_GUILESS_MAIN(TestAdalora)
#include "tst_adalora.moc"
