// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/lora_delta.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/hidden_space_case.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const Adaptation& parallel()
{
    return adaptations().at("parallel_adapter");
}

const SiteSelection kFirst {{SiteKind::MlpOut, {0}}};

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return parallel().attach(model, kFirst, settings, {random});
}

at::Tensor parameter(const Adapter& adapter, const std::string& ending)
{
    for (const auto& [name, tensor] : adapter.parameters())
        if (name.ends_with(ending))
            return tensor;
    return {};
}

} // namespace

class TestParallelAdapter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logitsAndGradientsAreThoseOfTheReference_data()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"parallel_llama", "parallel_gpt2", "parallel_bert"})
            QTest::newRow(name) << std::string(name);
    }

    void logitsAndGradientsAreThoseOfTheReference()
    {
        QFETCH(std::string, name);
        const HiddenSpaceCase given(name);
        QVERIFY(given.logitsFault() > 0.01); // the base is another model
        const auto adapter = attachAdapter(*given.model, given.folder);
        QCOMPARE_LE(given.logitsFault(), 1e-5);
        for (const auto& [parameter, fault] : given.gradientFaults(*adapter))
            QVERIFY2(fault < 1e-4, (parameter + ": " + std::to_string(fault)).c_str());
    }

    void withoutActivationItIsLora()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model,
                                   {{"activation", std::string("identity")},
                                    {"scale", 3.0},
                                    {"bottleneck", std::int64_t {4}}});
        const at::NoGradGuard noGradients;
        const at::Tensor B = parameter(*adapter, "adapter_up.weight");
        B.copy_(at::linspace(-1, 1, B.numel()).view_as(B));
        const LoraDelta lora(parameter(*adapter, "adapter_down.weight").clone(), B.clone(), 3.0, 0);
        const at::Tensor x = at::linspace(-2, 3, 5 * 32).view({5, 32});
        const at::Tensor h = at::linspace(1, -1, 5 * 32).view({5, 32});
        const SiteInfo place = chosenSites(model->sites(), kFirst).front();
        const at::Tensor ours = model->hiddenChanges(place).back()->forward(h, {x, {}, {}});
        QCOMPARE_LE(HiddenSpaceCase::fault(ours, h + lora.apply(x)), 1e-6);
    }

    void freshFactorsAreThoseOfLora()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, {{"bottleneck", std::int64_t {16}}});
        const double bound = 1 / std::sqrt(32.0);
        const at::Tensor down = parameter(*adapter, "adapter_down.weight");
        QVERIFY(down.abs().max().item<double>() <= bound);
        QVERIFY(std::abs(down.std().item<double>() - bound / std::sqrt(3.0)) < 0.05 * bound);
        QCOMPARE(parameter(*adapter, "adapter_up.weight").abs().max().item<double>(), 0.0);
    }

    void besideAPrefixItIsTheMamAdapter()
    {
        const QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "mam";
        const auto model = load(tinyModels().at(0));
        RandomStream random(7, "test");
        std::vector<std::unique_ptr<Adapter>> parts;
        parts.push_back(adaptations()
                            .at("prefix_tuning")
                            .attach(*model, {{SiteKind::Prompt, {-1}}},
                                    {{"virtualTokens", std::int64_t {4}}}, {random}));
        parts.push_back(fresh(*model, {}));
        auto mam = together(std::move(parts));
        for (const auto& [name, tensor] : mam->parameters())
            tensor.detach().add_(at::linspace(-0.2, 0.3, tensor.numel()).view_as(tensor));
        const at::NoGradGuard noGradients;
        const at::Tensor both = answer(*model);
        writeAdapter(*mam, "base", path);
        mam.reset();
        QVERIFY(!at::equal(answer(*model), both));
        const auto prefix = attachAdapter(*model, path / "part-0"); // a folder of PEFT's
        QVERIFY(!at::equal(answer(*model), both));
        const auto parallel = attachAdapter(*model, path / "part-1");
        QVERIFY(at::equal(answer(*model), both));
    }

    void bartLargeHasAsManyAsThePaperSays()
    {
        std::vector<SiteInfo> mlps(24);
        for (SiteInfo& info : mlps)
            info.out = 1024;
        // The paper counts no biases: 2 r d in each of 24 layers.
        QCOMPARE(parallel().parameterCount(mlps, {{"bottleneck", std::int64_t {512}}}),
                 std::int64_t {24} * (2 * 512 * 1024 + 512 + 1024));
    }
};

QTEST_GUILESS_MAIN(TestParallelAdapter)
#include "tst_parallel_adapter.moc"
