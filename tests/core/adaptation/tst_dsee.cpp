// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/godec.h"
#include "core/adaptation/registry.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTest>

#include <set>

using namespace tw;

namespace {

const SiteSelection kQuery {{SiteKind::AttnQ, {0}}};

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& values)
{
    RandomStream random(3, "test");
    return adaptations().at("dsee").attach(model, kQuery, values, {random});
}

at::Tensor answer(const Model& model)
{
    const at::Tensor ids = at::arange(4, 12, at::kLong);
    return model.hidden({ids, at::arange(8), {0, 8}});
}

/// As if trained: every value is something.
void move(const Adapter& adapter)
{
    const at::NoGradGuard noGrad;
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.normal_();
}

} // namespace

class TestDsee : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void spikesOnALowRankMatrixAreFound_data()
    {
        QTest::addColumn<int>("seed");
        for (int seed = 0; seed < 10; ++seed)
            QTest::addRow("draw %d", seed) << seed;
    }

    /// The card's test: 0.02 P Q^T, P and Q 64 x 8, and +-0.2 at 16 places.
    void spikesOnALowRankMatrixAreFound()
    {
        QFETCH(int, seed);
        at::manual_seed(static_cast<std::uint64_t>(seed));
        at::Tensor W = 0.02 * at::randn({64, 8}).matmul(at::randn({8, 64}));
        const at::Tensor places = std::get<0>(at::sort(at::randperm(64 * 64).narrow(0, 0, 16)));
        W.view({-1}).index_add_(0, places, 0.2 * (at::randint(0, 2, {16}) * 2 - 1).to(at::kFloat));
        RandomStream random(1, "test");
        QVERIFY(at::equal(sparsePlaces(W, 8, 16, random), places));
        const auto found = largestOf(W, 16);
        QVERIFY(!at::equal(found, places)); // the largest weights are others
    }

    void onlyTheChosenPlacesMove()
    {
        const auto model = tinyModel();
        const at::Tensor before = model->linear({SiteKind::AttnQ, 0}).merged().weight;
        const auto adapter =
            fresh(*model, {{"rank", std::int64_t {0}}, {"sparse", std::int64_t {5}}});
        move(*adapter);
        const at::Tensor change = model->linear({SiteKind::AttnQ, 0}).merged().weight - before;
        QCOMPARE(change.ne(0).sum().item<std::int64_t>(), std::int64_t {5});
        QCOMPARE(adapter->parameters().size(), std::size_t {1});
    }

    void withoutSingleNumbersItIsLora()
    {
        const auto model = tinyModel();
        const auto adapter = fresh(
            *model, {{"rank", std::int64_t {3}}, {"alpha", 6.0}, {"sparse", std::int64_t {0}}});
        move(*adapter);
        at::Tensor A;
        at::Tensor B;
        for (const auto& [name, tensor] : adapter->parameters()) {
            A = name.ends_with("lora_A.weight") ? tensor.detach() : A;
            B = name.ends_with("lora_B.weight") ? tensor.detach() : B;
        }
        const Linear& layer = model->linear({SiteKind::AttnQ, 0});
        const at::Tensor expected = layer.weight + 2.0 * B.matmul(A);
        QVERIFY(at::allclose(layer.merged().weight, expected, 1e-5, 1e-6));
    }

    void theScaleActsOnBothParts()
    {
        const auto once = tinyModel();
        const auto twice = tinyModel();
        const auto a = fresh(*once, {{"rank", std::int64_t {4}}, {"alpha", 4.0}});
        const auto b = fresh(*twice, {{"rank", std::int64_t {4}}, {"alpha", 8.0}});
        at::manual_seed(1);
        move(*a);
        at::manual_seed(1);
        move(*b);
        const auto changeOf = [](const Model& model) {
            const Linear& layer = model.linear({SiteKind::AttnQ, 0});
            return layer.merged().weight - layer.weight;
        };
        QVERIFY(at::allclose(changeOf(*twice), 2.0 * changeOf(*once), 1e-4, 1e-6));
        QVERIFY(!at::allclose(answer(*once), answer(*twice)));
    }

    void whatCannotBeIsSaidAtItsField()
    {
        const auto problemsOf = [](std::int64_t rank, std::int64_t sparse) {
            return adaptations().at("dsee").check(tinyModel()->sites(), kQuery,
                                                  {{"rank", rank}, {"sparse", sparse}});
        };
        QCOMPARE(problemsOf(0, 0).front().field, std::string("settings.sparse"));
        QCOMPARE(problemsOf(4, 32 * 32 + 1).front().field, std::string("settings.sparse"));
        QCOMPARE(problemsOf(33, 4).front().field, std::string("settings.rank"));
        QVERIFY(problemsOf(4, 16).empty());
    }
};

QTEST_GUILESS_MAIN(TestDsee)
#include "tst_dsee.moc"
