// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/oft_rotation.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"
#include "tests/core/adaptation/matrix.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

OftOptions pairsOf(std::int64_t width)
{
    OftOptions options;
    options.size = 2;
    options.blocks = width / 2;
    options.usesSeries = false;
    return options;
}

at::Tensor turned(const OftRotation& rotation, const at::Tensor& x)
{
    return rotation.forward(x, {}, [](const at::Tensor& input) { return input; });
}

Problems checked(const SiteSelection& selection, std::int64_t size)
{
    return adaptations().at("oft").check(tinyModel()->sites(), selection, {{"blockSize", size}});
}

} // namespace

class TestOft : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBlockTurnsByCayleysMap()
    {
        // Q = [[0, 1/2], [-1/2, 0]]: (I - Q)(I + Q)^-1 = [[0.6, -0.8], [0.8, 0.6]]
        const OftRotation rotation(pairsOf(2), matrix({{0.5F}}));
        QVERIFY(at::allclose(turned(rotation, matrix({{1.0F, 0.0F}})), matrix({{0.6F, -0.8F}})));
    }

    void theSeriesTurnsTheOtherWay()
    {
        OftOptions options = pairsOf(2);
        options.usesSeries = true;
        options.terms = 60;
        const OftRotation rotation(options, matrix({{0.5F}}));
        QVERIFY(at::allclose(turned(rotation, matrix({{1.0F, 0.0F}})), matrix({{0.6F, 0.8F}})));
    }

    void aFewTermsAreThoseOfPeft()
    {
        OftOptions options = pairsOf(2);
        options.usesSeries = true;
        options.terms = 3; // I + 2 Q + 2 Q^2 + Q^3 with Q^2 = -I/4: [[0.5, 0.875], [-0.875, 0.5]]
        const OftRotation rotation(options, matrix({{0.5F}}));
        QVERIFY(at::allclose(turned(rotation, matrix({{1.0F, 0.0F}})), matrix({{0.5F, 0.875F}})));
    }

    void eachBlockTurnsItsOwnInputsAndKeepsTheirLength()
    {
        at::manual_seed(1);
        OftOptions options = pairsOf(12);
        options.size = 4;
        options.blocks = 3;
        const OftRotation rotation(options, at::randn({3, 6}));
        const at::Tensor x = at::randn({5, 12});
        const at::Tensor lengths = x.view({5, 3, 4}).norm(2, {2});
        QVERIFY(at::allclose(turned(rotation, x).view({5, 3, 4}).norm(2, {2}), lengths));
    }

    void mergedItIsTheLayerWithTurnedInputs()
    {
        at::manual_seed(2);
        const OftRotation rotation(pairsOf(6), at::randn({3, 1}));
        const LinearWeights layer {at::randn({4, 6}), at::randn({4})};
        const at::Tensor x = at::randn({5, 6});
        const LinearWeights merged = rotation.merged(layer, layer);
        QVERIFY(at::allclose(at::linear(x, merged.weight, merged.bias),
                             at::linear(turned(rotation, x), layer.weight, layer.bias), 1e-4,
                             1e-5));
    }

    void aConstrainedBlockTurnsNoFurther()
    {
        OftOptions options = pairsOf(8);
        options.bound = 0.5; // of four blocks: 0.25 each
        const OftRotation rotation(options, matrix({{9.0F}, {0.01F}, {-2.0F}, {0.0F}}));
        const OftRotation within(
            pairsOf(8),
            matrix({{0.25F}, {0.01F}, {-0.25F}, {0.0F}})
                * matrix({{1 / std::sqrt(2.0F)}, {1.0F}, {1 / std::sqrt(2.0F)}, {1.0F}}));
        const at::Tensor x = at::ones({1, 8});
        QVERIFY(at::allclose(turned(rotation, x), turned(within, x)));
        rotation.constrain();
        QVERIFY(
            at::allclose(rotation.trainable().front().second, within.trainable().front().second));
    }

    void aSharedBlockTurnsAllInputsAlike()
    {
        OftOptions options = pairsOf(4);
        options.isShared = true;
        const OftRotation rotation(options, matrix({{0.5F}}));
        QVERIFY(at::allclose(turned(rotation, matrix({{1.0F, 0.0F, 1.0F, 0.0F}})),
                             matrix({{0.6F, -0.8F, 0.6F, -0.8F}})));
    }

    void sizesAreCutAsPeftCutsThem_data()
    {
        QTest::addColumn<int>("whole");
        QTest::addColumn<int>("wanted");
        QTest::addColumn<int>("found");
        QTest::newRow("a divisor") << 48 << 16 << 16;
        QTest::newRow("below") << 48 << 20 << 16;
        QTest::newRow("above") << 48 << 23 << 24;
        QTest::newRow("as far either way") << 48 << 14 << 12;
        QTest::newRow("too large") << 48 << 50 << 48;
    }

    void sizesAreCutAsPeftCutsThem()
    {
        QFETCH(int, whole);
        QFETCH(int, wanted);
        QFETCH(int, found);
        QCOMPARE(nearestDivisor(whole, wanted), std::int64_t {found});
    }

    void blocksThatDoNotFitAreSaidAtTheirField()
    {
        const SiteSelection both {{SiteKind::AttnQ, {0}}, {SiteKind::MlpDown, {1}}}; // 32 and 48
        const Problems larger = checked(both, 40);
        QCOMPARE(larger.size(), std::size_t {1});
        QCOMPARE(larger.front().field, std::string("settings.blockSize"));
        QVERIFY(!larger.front().isWarning);
        QVERIFY(larger.front().hint.find("16") != std::string::npos);
        const Problems uneven = checked(both, 32);
        QCOMPARE(uneven.size(), std::size_t {1});
        QVERIFY(uneven.front().isWarning); // 24 is used, as PEFT does
        QVERIFY(uneven.front().what.find("blocks of 24") != std::string::npos);
        QVERIFY(checked(both, 16).empty());
    }
};

QTEST_APPLESS_MAIN(TestOft)
#include "tst_oft.moc"
