// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/hidden_space_case.h"

#include <QTest>

using namespace tw;

namespace {

const Adaptation& ssf()
{
    return adaptations().at("ssf");
}

const TinyModel& tiny(const std::string& name)
{
    for (const TinyModel& each : tinyModels())
        if (each.name == name)
            return each;
    throw Error("no model " + name);
}

SiteSelection everywhere(const Model& model)
{
    SiteSelection selection;
    for (const SiteInfo& info : model.sites())
        if (std::ranges::find(ssf().siteKinds, info.site.kind) != ssf().siteKinds.end())
            selection[info.site.kind].push_back(info.site.layer);
    return selection;
}

std::unique_ptr<Adapter>
fresh(Model& model, const SiteSelection& selection, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return ssf().attach(model, selection, settings, {random});
}

void put(const Adapter& adapter, const std::string& ending, const std::vector<double>& first)
{
    for (const auto& [name, tensor] : adapter.parameters())
        if (name.ends_with(ending))
            for (std::size_t i = 0; i < first.size(); ++i)
                tensor.detach()[static_cast<std::int64_t>(i)] = first[i];
}

at::Tensor answerOf(const Model& model)
{
    const at::NoGradGuard noGradients;
    return answer(model);
}

} // namespace

class TestSsf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logitsAndGradientsAreThoseOfTheReference_data()
    {
        QTest::addColumn<std::string>("name");
        for (const char* name : {"ssf_gpt2", "ssf_llama", "ssf_llama_shifts"})
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

    void aSmallLayerIsMergedByHand()
    {
        const auto model = load(tiny("GPT-2"));
        const Site site {SiteKind::AttnO, 0};
        const auto adapter = fresh(*model, {{site.kind, {0}}}, {});
        put(*adapter, "ssf_scale", {2, -1});
        put(*adapter, "ssf_shift", {0.5, 3});
        at::Tensor weight = at::zeros({32, 32});
        weight[0][0] = 1;
        weight[0][1] = 2;
        weight[1][0] = 3;
        weight[1][1] = 4;
        at::Tensor bias = at::zeros({32});
        bias[0] = 1;
        const LinearWeights merged = adapter->delta(site)->merged({weight, bias}, {weight, bias});
        const at::Tensor corner = merged.weight.narrow(0, 0, 2).narrow(1, 0, 2).detach();
        QVERIFY(at::equal(corner, at::tensor({2.0F, 4.0F, -3.0F, -4.0F}).view({2, 2})));
        QVERIFY(at::equal(merged.bias.narrow(0, 0, 2).detach(), at::tensor({2.5F, 3.0F})));
        at::Tensor x = at::zeros({1, 32});
        x.narrow(1, 0, 2).fill_(1);
        const TensorFunction layer = [&](const at::Tensor& input) {
            return at::linear(input, weight, bias);
        };
        const at::Tensor y = adapter->delta(site)->forward(x, {weight, bias}, layer);
        QVERIFY(at::equal(y[0].narrow(0, 0, 2).detach(), at::tensor({8.5F, -4.0F})));
    }

    void randomStartsAreNearTheBaseModel()
    {
        const auto model = load(tiny("GPT-2"));
        const at::Tensor base = answerOf(*model);
        const auto adapter = fresh(*model, everywhere(*model), {{"start", std::string("normal")}});
        std::vector<at::Tensor> scales;
        std::vector<at::Tensor> shifts;
        for (const auto& [name, tensor] : adapter->parameters())
            (name.ends_with("ssf_scale") ? scales : shifts).push_back(tensor.detach());
        for (const auto& [all, mean] : {std::pair {at::cat(scales), 1.0}, {at::cat(shifts), 0.0}}) {
            QVERIFY(std::abs(all.mean().item<double>() - mean) < 0.003);
            QVERIFY(std::abs(all.std().item<double>() - 0.02) < 0.002);
        }
        const double moved = HiddenSpaceCase::fault(answerOf(*model), base);
        QVERIFY(moved > 1e-3 && moved < 0.5);
    }

    void shiftsAreThereOnlyWhereTheyMerge()
    {
        const auto model = load(tiny("Llama")); // RMS norms, and no layer with a bias
        const auto adapter = fresh(*model, everywhere(*model), {});
        for (const auto& [name, tensor] : adapter->parameters())
            QVERIFY2(name.ends_with("ssf_scale"), name.c_str());
        QCOMPARE(mergedWeights(*model).size(), model->weights().size());
    }

    void whereAShiftHasNoPlaceMergingSaysSo_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("a norm") << int(SiteKind::Norm1);
        QTest::newRow("a linear layer") << int(SiteKind::AttnQ);
    }

    void whereAShiftHasNoPlaceMergingSaysSo()
    {
        QFETCH(int, kind);
        const auto model = load(tiny("Llama"));
        const auto adapter = fresh(*model, {{static_cast<SiteKind>(kind), {0}}},
                                   {{"shift", std::string("everywhere")}});
        try {
            mergedWeights(*model);
            QFAIL("merged");
        } catch (const Error& error) {
            QVERIFY(!error.hint().empty());
            QVERIFY2(QString::fromUtf8(error.what()).contains("layers.0"), error.what());
        }
    }

    void withoutRotationShiftsOfKeysHaveNoEffect()
    {
        const auto model = load(tiny("GPT-2")); // one matrix for queries, keys and values
        const auto adapter = fresh(*model, {{SiteKind::AttnQkv, {0}}}, {});
        answer(*model).square().sum().backward();
        for (const auto& [name, tensor] : adapter->parameters()) {
            if (!name.ends_with("ssf_shift"))
                continue;
            const auto largest = [&](std::int64_t third) {
                return tensor.grad().narrow(0, 32 * third, 32).abs().max().item<double>();
            };
            QVERIFY(largest(1) < 1e-4 * largest(0));
            QVERIFY(largest(2) > 0.1 * largest(0));
        }
    }

    void nothingDecays()
    {
        const auto model = load(tiny("GPT-2"));
        const auto adapter = fresh(*model, everywhere(*model), {});
        const auto treatments = adapter->treatments();
        QCOMPARE(treatments.size(), adapter->parameters().size());
        for (const Treatment& treatment : treatments)
            QCOMPARE(treatment, (Treatment {1.0, false}));
    }

    void aVisionTransformerHasAsManyAsThePaperSays()
    {
        std::vector<SiteInfo> all;
        const auto add = [&](SiteKind kind, std::int32_t layer, std::int64_t out) {
            SiteInfo info;
            info.site = {kind, layer};
            info.out = out;
            info.hasBias = true;
            all.push_back(info);
        };
        constexpr std::int64_t kWidth = 768;
        for (std::int32_t layer = 0; layer < 12; ++layer) {
            add(SiteKind::Norm1, layer, kWidth);
            add(SiteKind::AttnQkv, layer, 3 * kWidth);
            add(SiteKind::AttnO, layer, kWidth);
            add(SiteKind::Norm2, layer, kWidth);
            add(SiteKind::MlpUp, layer, 4 * kWidth);
            add(SiteKind::MlpDown, layer, kWidth);
        }
        add(SiteKind::FinalNorm, -1, kWidth);
        // All but the projection of the patches, which no method can sit at.
        QCOMPARE(ssf().parameterCount(all, {}), std::int64_t {205824 - 2 * 768});
    }
};

QTEST_GUILESS_MAIN(TestSsf)
#include "tst_ssf.moc"
