// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/adaptation/vera_delta.h"
#include "tests/contract/tiny_model.h"
#include "tests/core/adaptation/matrix.h"

#include <ATen/ATen.h>

#include <QTest>

using namespace tw;

namespace {

const Adaptation& vera()
{
    return adaptations().at("vera");
}

SiteInfo layer(std::int64_t in, std::int64_t out)
{
    SiteInfo info;
    info.in = in;
    info.out = out;
    info.isLinear = true;
    return info;
}

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return vera().attach(model, {{SiteKind::AttnQ, {0, 1}}, {SiteKind::AttnK, {1}}}, settings,
                         {random});
}

at::Tensor frozen(const Adapter& adapter, const std::string& name)
{
    for (const auto& [own, tensor] : adapter.frozen())
        if (own == name)
            return tensor;
    return {};
}

} // namespace

class TestVera : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theVectorsScaleTheSharedMatrices()
    {
        const VeraProjections shared {matrix({{1.0F, 2.0F}}), matrix({{3.0F}, {5.0F}})};
        const VeraDelta delta(shared, layer(2, 2), at::tensor({2.0F}), at::tensor({1.0F, 10.0F}),
                              0.0);
        QVERIFY(at::equal(delta.matrix(), matrix({{6.0F, 12.0F}, {100.0F, 200.0F}})));
        QVERIFY(at::equal(delta.apply(at::ones({1, 2})), matrix({{18.0F, 300.0F}})));
    }

    void aNarrowLayerUsesThePartThatFits()
    {
        const VeraProjections shared {matrix({{1.0F, 2.0F}}), matrix({{3.0F}, {5.0F}})};
        const VeraDelta delta(shared, layer(1, 1), at::ones({1}), at::ones({1}), 0.0);
        QVERIFY(at::equal(delta.matrix(), matrix({{3.0F}})));
    }

    void theSharedMatricesAreAsWideAsTheWidestLayer()
    {
        const VeraSizes sizes = veraSizes({layer(4, 9), layer(7, 3)}, 5);
        const VeraProjections shared = drawVeraProjections(sizes, 1);
        QCOMPARE(shared.A.sizes(), at::IntArrayRef({5, 7}));
        QCOMPARE(shared.B.sizes(), at::IntArrayRef({9, 5}));
    }

    void theProjectionsFollowFromTheirOwnSeed()
    {
        const auto model = tinyModel();
        const auto one = fresh(*model, {{"rank", std::int64_t {3}}});
        const auto same = fresh(*model, {{"rank", std::int64_t {3}}});
        const auto other =
            fresh(*model, {{"rank", std::int64_t {3}}, {"projectionSeed", std::int64_t {1}}});
        for (const char* name : {kVeraA, kVeraB}) {
            QVERIFY(at::equal(frozen(*one, name), frozen(*same, name)));
            QVERIFY(!at::equal(frozen(*one, name), frozen(*other, name)));
            QVERIFY(!frozen(*one, name).requires_grad());
        }
    }

    void dropoutActsOnlyWhereGradientsAreRecorded()
    {
        const VeraDelta delta({at::ones({2, 8}), at::ones({8, 2})}, layer(8, 8), at::ones({2}),
                              at::ones({8}), 0.5);
        const at::Tensor x = at::ones({16, 8});
        QVERIFY(!at::allclose(delta.apply(x), x.matmul(delta.matrix().t())));
        const at::NoGradGuard noGrad;
        QVERIFY(at::allclose(delta.apply(x), x.matmul(delta.matrix().t())));
    }

    void sitesThatItCannotTakeAreSaidAtTheirField()
    {
        const Problems problems = vera().check(tinyModel()->sites(), {{SiteKind::Norm1, {0}}}, {});
        QCOMPARE(problems.size(), std::size_t {1});
        QCOMPARE(problems.front().field, std::string("sites.norm1"));
    }
};

QTEST_APPLESS_MAIN(TestVera)
#include "tst_vera.moc"
