// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/rescaling.h"
#include "core/base/json.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/matrix.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

LinearWeights layer()
{
    return {matrix({{1.0F, 2.0F}, {3.0F, 4.0F}}), at::tensor({10.0F, 20.0F})};
}

at::Tensor computed(const LinearChange& change, const at::Tensor& x)
{
    return change.forward(x, layer(), [](const at::Tensor& input) {
        return at::linear(input, layer().weight, layer().bias);
    });
}

/// Merged, the layer computes the same.
bool mergesTo(const LinearChange& change, const at::Tensor& x)
{
    const LinearWeights merged = change.merged(layer(), layer());
    return at::allclose(at::linear(x, merged.weight, merged.bias), computed(change, x));
}

} // namespace

class TestIa3 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatALayerGivesIsRescaledWithItsBias()
    {
        const RescaledOutput change(matrix({{2.0F}, {-1.0F}}));
        const at::Tensor x = matrix({{1.0F, 1.0F}});
        QVERIFY(at::equal(computed(change, x), matrix({{26.0F, -27.0F}})));
        QVERIFY(mergesTo(change, x));
    }

    void whatALayerTakesIsRescaledWithoutItsBias()
    {
        const RescaledInput change(matrix({{2.0F, -1.0F}}));
        const at::Tensor x = matrix({{1.0F, 1.0F}});
        QVERIFY(at::equal(computed(change, x), matrix({{10.0F, 22.0F}})));
        QVERIFY(mergesTo(change, x));
    }

    void onlyFeedForwardLayersAreNamedSo_data()
    {
        QTest::addColumn<int>("model"); // of tinyModels()
        QTest::addColumn<int>("other");
        QTest::addColumn<QString>("targets");
        QTest::addColumn<QString>("feedForward");
        QTest::newRow("ends of names")
            << 0 << int(SiteKind::AttnK) << QStringLiteral(R"(["down_proj","k_proj"])")
            << QStringLiteral(R"(["down_proj"])");
        QTest::newRow("attention and MLP with the same ends") // both are c_proj
            << 1 << int(SiteKind::AttnO)
            << QStringLiteral(R"(["transformer.h.0.attn.c_proj","transformer.h.0.mlp.c_proj",)"
                              R"("transformer.h.1.attn.c_proj","transformer.h.1.mlp.c_proj"])")
            << QStringLiteral(R"(["transformer.h.0.mlp.c_proj","transformer.h.1.mlp.c_proj"])");
    }

    void onlyFeedForwardLayersAreNamedSo()
    {
        QFETCH(int, model);
        QFETCH(int, other);
        QFETCH(QString, targets);
        QFETCH(QString, feedForward);
        const auto tiny = load(tinyModels().at(static_cast<std::size_t>(model)));
        RandomStream random(1, "test");
        const auto adapter = adaptations().at("ia3").attach(
            *tiny, {{SiteKind::MlpDown, {0, 1}}, {static_cast<SiteKind>(other), {0, 1}}}, {},
            {random});
        const Json config = Json::parse(adapter->peftConfig("base"));
        QCOMPARE(QString::fromStdString(config.at("target_modules").dump()), targets);
        QCOMPARE(QString::fromStdString(config.at("feedforward_modules").dump()), feedForward);
    }
};

QTEST_APPLESS_MAIN(TestIa3)
#include "tst_ia3.moc"
