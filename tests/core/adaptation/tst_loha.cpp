// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/loha_delta.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"
#include "tests/core/adaptation/matrix.h"

#include <ATen/ATen.h>

#include <QTest>

#include <array>
#include <cmath>

using namespace tw;

namespace {

LohaDelta someDelta(std::int64_t rank, LycorisDropout dropout = {})
{
    return {{at::randn({40, rank}), at::randn({rank, 30}), at::randn({40, rank}),
             at::randn({rank, 30})},
            0.5,
            dropout};
}

} // namespace

class TestLoha : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twoProductsAreMultipliedNumberByNumber()
    {
        const LohaDelta delta({matrix({{1.0F}, {2.0F}}), matrix({{1.0F, 3.0F}}),
                               matrix({{2.0F}, {1.0F}}), matrix({{1.0F, -1.0F}})},
                              0.5, {});
        QVERIFY(at::equal(delta.matrix(), matrix({{1.0F, -3.0F}, {1.0F, -3.0F}})));
    }

    void wideAndNarrowRanksComputeWhatTheMatrixDoes_data()
    {
        QTest::addColumn<int>("rank");
        QTest::newRow("through pairs of factors") << 3;
        QTest::newRow("through the matrix") << 12;
    }

    void wideAndNarrowRanksComputeWhatTheMatrixDoes()
    {
        QFETCH(int, rank);
        at::manual_seed(1);
        const LohaDelta delta = someDelta(rank);
        const at::Tensor x = at::randn({7, 30});
        const at::Tensor expected = x.matmul(delta.matrix().t());
        QVERIFY((delta.apply(x) - expected).abs().max().item<double>()
                < 1e-5 * expected.abs().max().item<double>());
    }

    void freshFactorsAreBoundedByTheirWidth()
    {
        const auto model = tinyModel();
        RandomStream random(7, "test");
        const auto adapter = adaptations().at("loha").attach(
            *model, {{SiteKind::MlpDown, {0}}}, {{"rank", std::int64_t {16}}}, {random});
        const NamedTensors factors = adapter->parameters(); // A1, B1, A2, B2; 48 inputs
        const std::array bounds {1 / std::sqrt(16.0), 1 / std::sqrt(48.0), 1 / std::sqrt(16.0)};
        for (std::size_t i = 0; i < bounds.size(); ++i) {
            const double largest = factors.at(i).second.abs().max().item<double>();
            QVERIFY(largest <= bounds.at(i) && largest > 0.9 * bounds.at(i));
        }
        QCOMPARE(factors.at(3).second.abs().max().item<double>(), 0.0);
    }

    void dropoutLeavesOutputsOutAndEnlargesTheOthers()
    {
        at::manual_seed(1);
        const LohaDelta delta = someDelta(3, {0.5, 0.0, true});
        const at::Tensor x = at::randn({7, 30});
        const at::Tensor whole = x.matmul(delta.matrix().t());
        const at::Tensor ratio = delta.apply(x) / whole;
        const at::Tensor kept = ratio[0].abs().gt(1e-6);
        const double share = kept.to(at::kDouble).mean().item<double>();
        QVERIFY(share > 0.2 && share < 0.8);
        const at::Tensor expected = kept.to(at::kFloat) / share; // the same in all rows
        QVERIFY(at::allclose(ratio, expected.expand_as(ratio), 1e-3, 1e-5));
        const at::NoGradGuard noGrad;
        QVERIFY(at::allclose(delta.apply(x), whole, 1e-4, 1e-5));
    }

    void dropoutOfLayersLeavesAllOrNothing()
    {
        at::manual_seed(2);
        const LohaDelta delta = someDelta(3, {0.0, 0.5, true});
        const at::Tensor x = at::randn({7, 30});
        const at::Tensor whole = x.matmul(delta.matrix().t());
        int left = 0;
        for (int i = 0; i < 40; ++i) {
            const at::Tensor once = delta.apply(x);
            const bool isNothing = once.abs().max().item<double>() == 0.0;
            QVERIFY(isNothing || at::allclose(once, whole, 1e-4, 1e-5));
            left += isNothing ? 0 : 1;
        }
        QVERIFY(left > 8 && left < 32); // 20 are expected; 4 deviations either way
    }

    void aRankLargerThanTheLayerIsSaidAtItsField()
    {
        const Problems problems = adaptations().at("loha").check(
            tinyModel()->sites(), {{SiteKind::AttnK, {0}}}, {{"rank", std::int64_t {17}}});
        QCOMPARE(problems.size(), std::size_t {1}); // k: 16 x 32
        QCOMPARE(problems.front().field, std::string("settings.rank"));
        QVERIFY(problems.front().hint.find("16") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestLoha)
#include "tst_loha.moc"
