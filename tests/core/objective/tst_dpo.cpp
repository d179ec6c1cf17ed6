// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/base/error.h"
#include "tests/core/objective/rows.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

/// rho of every chosen answer is 1.5, of every rejected one -0.5: h = 2.
const std::vector<double> kMargin2 {1.5, -0.5, 1.5, -0.5};

Linear& someLayer(Model& model)
{
    Linear& layer = model.linear({SiteKind::AttnO, 0});
    layer.weight.requires_grad_();
    return layer;
}

/// d value / d W of a layer, and leaves the layer without a gradient.
at::Tensor gradientOf(Linear& layer, const at::Tensor& value)
{
    value.backward();
    at::Tensor gradient = layer.weight.grad().clone();
    layer.weight.mutable_grad() = at::Tensor();
    return gradient;
}

} // namespace

class TestDpo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theReferenceIsTheLogProbabilityOfTheAnswer()
    {
        const auto model = tinyModel();
        const Batch batch = somePairs();
        const auto found = objectives().at("dpo").reference(*model, batch, {});
        const auto expected = chancesOf(*model, batch);
        QCOMPARE(found.size(), expected.size());
        for (std::size_t row = 0; row < found.size(); ++row)
            QVERIFY(isNear(found[row], expected[row], 1e-5));
    }

    void atTheStartAPairCostsLn2()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, somePairs(), {});
        QVERIFY(isNear(meanLoss("dpo", *model, batch), std::log(2.0), 2e-6));
        QVERIFY(
            isNear(meanLoss("dpo", *model, batch, {{"labelSmoothing", 0.3}}), std::log(2.0), 2e-6));
        const LossSum loss = objectives().at("dpo").loss(*model, batch, {});
        QCOMPARE(loss.count, 2);
        QVERIFY(std::abs(loss.measures.at("rewards.chosen")) < 1e-5);
        QVERIFY(std::abs(loss.measures.at("rewards.margin")) < 1e-5);
    }

    void aMarginOfTwoCostsWhatTheFormulasSay_data()
    {
        QTest::addColumn<QString>("loss");
        QTest::addColumn<double>("smoothing");
        QTest::addColumn<double>("expected");
        QTest::newRow("sigmoid") << "sigmoid" << 0.0 << 0.598139;
        QTest::newRow("sigmoid with wrong labels") << "sigmoid" << 0.1 << 0.618139;
        QTest::newRow("robust") << "robust" << 0.1 << 0.573139;
        QTest::newRow("hinge") << "hinge" << 0.0 << 0.8;
    }
    void aMarginOfTwoCostsWhatTheFormulasSay()
    {
        QFETCH(const QString, loss);
        QFETCH(const double, smoothing);
        QFETCH(const double, expected);
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, somePairs(), kMargin2);
        const ParamValues settings {{"loss", loss.toStdString()}, {"labelSmoothing", smoothing}};
        QVERIFY(isNear(meanLoss("dpo", *model, batch, settings), expected, 3e-6));
    }

    void whatBothAnswersShareChangesNothing()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, somePairs(), kMargin2);
        const double expected = meanLoss("dpo", *model, batch);
        Batch shifted = batch;
        for (double& reference : shifted.references)
            reference += 3.7;
        QVERIFY(isNear(meanLoss("dpo", *model, shifted), expected, 1e-5));
        // Rows of a batch stand in its own order and beside others: no padding is read.
        TokenizedRow two = rowFrom({9, 12, 88, 21}, 2);
        two.rejected = {rowFrom({9, 12, 30, 31, 32, 2}, 2)};
        const Batch alone = movedBy(*model, packRows({&two}), {1.5, -0.5});
        QVERIFY(isNear(meanLoss("dpo", *model, alone), expected, 1e-5));
    }

    void anAdapterThatIsSwitchedOffIsTheFrozenCopy()
    {
        const auto frozen = tinyModel();
        const auto model = tinyModel();
        RandomStream random(3, "test");
        const auto adapter =
            adaptations().at("lora").attach(*model, everyLinearSite(*model), {}, {random});
        for (const auto& [name, tensor] : adapter->parameters())
            tensor.detach().add_(0.05);
        const auto chances = [&](const Model& of) {
            return objectives().at("dpo").reference(of, somePairs(), {});
        };
        const auto tuned = chances(*model);
        adapter->setEnabled(false);
        const auto found = chances(*model);
        const auto expected = chances(*frozen);
        for (std::size_t row = 0; row < expected.size(); ++row) {
            QVERIFY(isNear(found[row], expected[row], 1e-5));
            QVERIFY(!isNear(tuned[row], expected[row], 1e-2));
        }
    }

    void theCurvesShowRewardsAndLogProbabilities()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, somePairs(), {1.5, -0.5, -1.0, 3.0});
        const auto measures = objectives().at("dpo").loss(*model, batch, {}).measures;
        const auto chances = chancesOf(*model, batch);
        QVERIFY(isNear(measures.at("rewards.chosen"), 0.1 * 0.5, 1e-5));
        QVERIFY(isNear(measures.at("rewards.rejected"), 0.1 * 2.5, 1e-5));
        QVERIFY(isNear(measures.at("rewards.margin"), -0.2, 1e-5));
        QCOMPARE(measures.at("rewards.accuracy"), 1.0);
        QVERIFY(isNear(measures.at("logps.chosen"), chances[0] + chances[2], 1e-4));
        QVERIFY(isNear(measures.at("logps.rejected"), chances[1] + chances[3], 1e-4));
    }

    void theGradientAtTheStartIsHalfOfBetaTimesThatOfTheMargin()
    {
        const auto model = tinyModel();
        Linear& layer = someLayer(*model);
        const Batch batch = movedBy(*model, somePairs(), {});
        const at::Tensor found =
            gradientOf(layer, objectives().at("dpo").loss(*model, batch, {}).sum);
        // Supervised learning costs -log pi: of the chosen rows less of the rejected ones.
        Batch signedRows = batch;
        for (std::size_t row = 0; row < 4; ++row)
            signedRows.weights.insert(
                signedRows.weights.end(),
                static_cast<std::size_t>(batch.rowStarts[row + 1] - batch.rowStarts[row]),
                row % 2 == 0 ? 1.0F : -1.0F);
        const at::Tensor margin =
            gradientOf(layer, objectives().at("supervised").loss(*model, signedRows, {}).sum);
        QVERIFY(at::allclose(found, 0.05 * margin, 1e-3, 1e-6));
    }

    void threeToOneIsLearnedAsThreeQuarters()
    {
        const auto model = tinyModel();
        Linear& layer = someLayer(*model);
        TokenizedRow better = rowFrom({5, 17, 40}, 2);
        better.rejected = {rowFrom({5, 17, 41}, 2)};
        TokenizedRow worse = rowFrom({5, 17, 41}, 2);
        worse.rejected = {rowFrom({5, 17, 40}, 2)};
        // Odds of 3 to 1 against an even reference: there the full-batch loss has its minimum.
        const double gain = std::log(3.0);
        const Batch batch = movedBy(*model, packRows({&better, &better, &better, &worse}),
                                    {gain, 0.0, gain, 0.0, gain, 0.0, 0.0, gain});
        const auto gradientAt = [&](double beta) {
            return gradientOf(layer,
                              objectives().at("dpo").loss(*model, batch, {{"beta", beta}}).sum)
                .abs()
                .max()
                .item<double>();
        };
        QVERIFY(gradientAt(1.0) < 1e-4);
        QVERIFY(gradientAt(0.5) > 1e-2);
    }

    void robustAgainstHalfOfTheLabelsIsAProblem()
    {
        const auto check = objectives().at("dpo").check;
        const Problems problems = check({{"loss", std::string("robust")}, {"labelSmoothing", 0.5}});
        QCOMPARE(problems.size(), 1U);
        QVERIFY(!problems.front().hint.empty());
        QVERIFY(check({{"labelSmoothing", 0.5}}).empty());
    }

    void whatCannotBeComparedIsRefused()
    {
        const auto model = tinyModel();
        QVERIFY_EXCEPTION_THROWN(objectives().at("dpo").loss(*model, somePairs(), {}), Error);
        const TokenizedRow single = rowFrom({5, 17, 40}, 2);
        const Batch alone = movedBy(*model, packRows({&single}), {});
        QVERIFY_EXCEPTION_THROWN(objectives().at("dpo").loss(*model, alone, {}), Error);
    }
};

QTEST_APPLESS_MAIN(TestDpo)
#include "tst_dpo.moc"
