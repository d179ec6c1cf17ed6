// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"
#include "core/adaptation/sparse_delta.h"
#include "tests/core/adaptation/short_training.h"

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

std::int64_t changedNumbers(const ShortTraining& training)
{
    std::int64_t count = 0;
    for (const auto& [name, weight] : mergedWeights(*training.model))
        if (const auto old = training.before.find(name); old != training.before.end())
            count += weight.ne(old->second).sum().item<std::int64_t>();
    return count;
}

std::int64_t trainedNumbers(const Adapter& adapter)
{
    std::int64_t count = 0;
    for (const auto& [name, tensor] : adapter.parameters())
        count += tensor.numel();
    return count;
}

/// Largest distances as keys, as the method makes them.
SparseKeys keysOf(const std::vector<at::Tensor>& distances)
{
    return [distances](std::size_t part) {
        return distances[part].contiguous().view(at::kInt).to(at::kLong);
    };
}

} // namespace

class TestLtSft : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// theta0 = 1, phase 1 gives 1.5, 0.9, 1.01 and -1: the mask of two is on places 3 and 0.
    void theLargestMovesAreChosen()
    {
        const at::Tensor moves = at::tensor({0.5F, 0.1F, 0.01F, 2.0F});
        const auto two = largestPlaces(1, keysOf({moves}), 2);
        QVERIFY(at::equal(two.front(), at::tensor({0L, 3L})));
        const auto none = largestPlaces(1, keysOf({moves}), 0);
        QCOMPARE(none.front().numel(), std::int64_t {0});
        const auto parts = largestPlaces(2, keysOf({moves, at::tensor({0.5F, 0.5F, 3.0F})}), 3);
        QVERIFY(at::equal(parts[0], at::tensor({0L, 3L}))); // of equal moves the first one
        QVERIFY(at::equal(parts[1], at::tensor({2L})));
    }

    void exactlySoManyAreChosenFromManyEqualOnes()
    {
        const auto places = largestPlaces(
            3, keysOf({at::zeros({100}), at::rand({5000}) * 1e-3, at::full({70'000}, 0.25F)}),
            1234);
        QCOMPARE(places[0].numel() + places[1].numel() + places[2].numel(), std::int64_t {1234});
        QCOMPARE(places[2].numel(), std::int64_t {1234});
    }

    void onlyChosenWeightsMove()
    {
        ShortTraining training("lt_sft", {{"share", 0.1}});
        const std::int64_t trained = trainedNumbers(*training.adapter);
        const double first = training.loss();
        training.run(12);
        QVERIFY(training.loss() < first);
        QVERIFY(changedNumbers(training) <= trained);
        QVERIFY(changedNumbers(training) > trained / 2);
    }

    void theMaskComesFromFullFineTuning()
    {
        QTemporaryDir folder;
        const auto stage = std::filesystem::path(folder.path().toStdString()) / "full";
        std::map<std::string, at::Tensor> trained;
        {
            ShortTraining full("full", {});
            full.run(4);
            writeAdapter(*full.adapter, "tiny", stage);
            for (const auto& [name, tensor] : full.adapter->parameters())
                trained[name] = tensor.detach().clone();
        }
        ShortTraining sparse("lt_sft",
                             {{"count", std::int64_t {500}}, {"maskFrom", stage.string()}});
        QCOMPARE(trainedNumbers(*sparse.adapter), std::int64_t {500});
        sparse.run(3);
        std::vector<float> inside;
        std::vector<float> outside;
        for (const auto& [name, weight] : mergedWeights(*sparse.model)) {
            if (weight.dim() < 2 || name == "lm_head.weight")
                continue;
            const at::Tensor moves = (trained.at(name) - sparse.before.at(name)).abs();
            const at::Tensor isIn = weight.ne(sparse.before.at(name));
            if (isIn.any().item<bool>())
                inside.push_back(moves.masked_select(isIn).min().item<float>());
            if (isIn.logical_not().any().item<bool>())
                outside.push_back(moves.masked_select(isIn.logical_not()).max().item<float>());
        }
        QVERIFY(!inside.empty() && !outside.empty());
        // A chosen weight whose gradient is zero stays where it is, so some may be missing.
        QVERIFY(*std::ranges::min_element(inside) > 0.0F);
        QVERIFY(*std::ranges::max_element(outside) >= *std::ranges::min_element(inside));
    }

    void differencesAddUp()
    {
        const auto model = tinyModel();
        RandomStream random(3, "test");
        const Adaptation& method = adaptations().at("lt_sft");
        const SiteSelection sites {{SiteKind::AttnQ, {0, 1}}, {SiteKind::Embed, {-1}}};
        const at::Tensor base = model->linear({SiteKind::AttnQ, 0}).weight.clone();
        const auto a = method.attach(*model, sites, {{"share", 0.2}}, {random});
        const auto b = method.attach(*model, sites, {{"share", 0.2}}, {random});
        const auto fill = [](const Adapter& adapter, float value) {
            for (const auto& [name, tensor] : adapter.parameters())
                tensor.detach().fill_(value);
        };
        fill(*a, 1.0F);
        fill(*b, 2.0F);
        const at::Tensor difference =
            model->linear({SiteKind::AttnQ, 0}).merged().weight.detach() - base;
        const auto count = [&](double value) {
            return (difference - value).abs().lt(1e-4).sum().item<std::int64_t>();
        };
        QVERIFY(count(1.0) > 0);
        QVERIFY(count(2.0) > 0);
        QVERIFY(count(3.0) > 0); // weights that are in both
        QCOMPARE(count(0.0) + count(1.0) + count(2.0) + count(3.0), difference.numel());
    }

    void thePenaltyIsTheMeanDistance()
    {
        ShortTraining training("lt_sft", {{"l1", 0.1}, {"share", 0.01}});
        std::int64_t all = 0;
        for (const auto& [name, weight] : training.before)
            all += weight.numel();
        for (const auto& [name, tensor] : training.adapter->parameters())
            tensor.detach().fill_(-2.0F);
        const at::Tensor penalty = training.adapter->penalty();
        const double expected = 0.1 / static_cast<double>(all) * 2.0
            * static_cast<double>(trainedNumbers(*training.adapter));
        QVERIFY(std::abs(penalty.item<double>() - expected) < 1e-6 * expected + 1e-9);
        penalty.backward();
        const at::Tensor gradient = training.adapter->parameters().front().second.grad();
        QVERIFY(std::abs(gradient[0].item<double>() + 0.1 / static_cast<double>(all)) < 1e-9);
    }
};

QTEST_GUILESS_MAIN(TestLtSft)
#include "tst_lt_sft.moc"
