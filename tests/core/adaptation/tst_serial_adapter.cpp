// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/site_check.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/hidden_space_case.h"

#include <QTest>

using namespace tw;

namespace {

const Adaptation& serial()
{
    return adaptations().at("serial_adapter");
}

const SiteSelection kBoth {{SiteKind::AttnOut, {0, 1}}, {SiteKind::MlpOut, {0, 1}}};

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return serial().attach(model, kBoth, settings, {random});
}

/// By how much a fresh adapter changes the answer of a model.
double movedBy(std::size_t which, const ParamValues& settings)
{
    const at::NoGradGuard noGradients;
    const auto model = load(tinyModels().at(which));
    const at::Tensor base = answer(*model);
    const auto adapter = fresh(*model, settings);
    return HiddenSpaceCase::fault(answer(*model), base);
}

} // namespace

class TestSerialAdapter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logitsAndGradientsAreThoseOfTheReference_data()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"houlsby_gpt2", "houlsby_llama", "pfeiffer_bert"})
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

    void aFreshOneIsCloseToTheBaseAndNotEqual_data()
    {
        QTest::addColumn<std::size_t>("model");
        for (std::size_t i = 0; i < 3; ++i)
            QTest::newRow(tinyModels().at(i).name.c_str()) << i;
    }

    void aFreshOneIsCloseToTheBaseAndNotEqual()
    {
        QFETCH(std::size_t, model);
        const double moved = movedBy(model, {});
        QVERIFY(moved > 1e-6 && moved < 0.05);
    }

    void startedAsLoraItChangesNothing()
    {
        QCOMPARE_LE(movedBy(0, {{"start", std::string("lora")}}), 1e-6);
    }

    void onlyBehindANormTheTwoFormsDiffer()
    {
        const ParamValues normed {{"reads", std::string("normed")},
                                  {"bottleneck", std::int64_t {8}}};
        const ParamValues output {{"bottleneck", std::int64_t {8}}};
        QCOMPARE(movedBy(1, normed), movedBy(1, output)); // GPT-2: norms stand in front
        QVERIFY(movedBy(2, normed) != movedBy(2, output)); // BERT
    }

    void dropoutActsOnlyWhereGradientsAreRecorded()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, {{"dropout", 0.5}, {"bottleneck", std::int64_t {8}}});
        for (const auto& [name, tensor] : adapter->parameters())
            tensor.detach().fill_(0.3);
        QVERIFY(!at::equal(answer(*model), answer(*model)));
        const at::NoGradGuard noGradients;
        QVERIFY(at::equal(answer(*model), answer(*model)));
    }

    void itCannotBeMergedAndSaysSo()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, {});
        try {
            mergedWeights(*model);
            QFAIL("merged");
        } catch (const Error& error) {
            QVERIFY2(QString::fromUtf8(error.what()).contains("self_attn"), error.what());
        }
    }

    void zeroWidthIsASixteenth()
    {
        const auto model = load(tinyModels().at(0)); // 32 wide: 2
        const auto count = serial().parameterCount(chosenSites(model->sites(), kBoth), {});
        QCOMPARE(count, std::int64_t {4 * (2 * 32 * 2 + 2 + 32)});
    }

    void whatIsNoBottleneckIsSaidAtItsField()
    {
        const auto model = load(tinyModels().at(0));
        const Problems problems =
            serial().check(model->sites(), kBoth, {{"bottleneck", std::int64_t {33}}});
        QCOMPARE(problems.size(), std::size_t {1});
        QCOMPARE(problems.front().field, std::string("settings.bottleneck"));
        QVERIFY(serial().check(model->sites(), kBoth, {{"bottleneck", std::int64_t {32}}}).empty());
    }
};

QTEST_GUILESS_MAIN(TestSerialAdapter)
#include "tst_serial_adapter.moc"
