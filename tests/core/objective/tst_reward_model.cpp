// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/objective/rows.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

const std::filesystem::path kClassifier = TW_FIXTURES "/model/families/llama_sequences";

std::shared_ptr<Model> rewardModel()
{
    return withOneLabel({"Llama", kClassifier});
}

Batch twoPairs()
{
    TokenizedRow one = rowFrom({5, 17, 40, 8, 61, 33}, 3);
    one.rejected = {rowFrom({5, 17, 40, 70, 4}, 3)};
    TokenizedRow two = rowFrom({9, 12, 68, 21}, 2);
    two.rejected = {rowFrom({9, 12, 30, 31, 32, 2}, 2)};
    return packRows({&one, &two});
}

double rewardOf(const Model& model, const std::vector<std::int64_t>& ids)
{
    return model.outputs({{"input_ids", at::tensor(ids, at::kLong).unsqueeze(0)}})
        .at("logits")
        .item<double>();
}

double softplus(double x)
{
    return std::log1p(std::exp(x));
}

} // namespace

class TestRewardModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPairCostsWhatTheDifferenceOfItsRewardsSays()
    {
        const auto model = rewardModel();
        const double a = rewardOf(*model, {5, 17, 40, 8, 61, 33});
        const double b = rewardOf(*model, {5, 17, 40, 70, 4});
        const double c = rewardOf(*model, {9, 12, 68, 21});
        const double d = rewardOf(*model, {9, 12, 30, 31, 32, 2});
        QVERIFY(std::abs(a - b) > 1e-3);
        const LossSum loss = objectives().at("reward_model").loss(*model, twoPairs(), {});
        QCOMPARE(loss.count, 2);
        QVERIFY(isNear(loss.sum.item<double>(), softplus(b - a) + softplus(d - c), 1e-5));
        QVERIFY(isNear(loss.measures.at("rewards.chosen"), a + c, 1e-5));
        QVERIFY(isNear(loss.measures.at("rewards.margin"), a - b + c - d, 1e-5));
        QCOMPARE(loss.measures.at("rewards.accuracy"), (a > b ? 1.0 : 0.0) + (c > d ? 1.0 : 0.0));
    }

    void equalAnswersCostLn2AndCentringDrawsThemToZero()
    {
        const auto model = rewardModel();
        TokenizedRow pair = rowFrom({5, 17, 40}, 2);
        pair.rejected = {rowFrom({5, 17, 40}, 2)};
        const Batch batch = packRows({&pair});
        QVERIFY(isNear(meanLoss("reward_model", *model, batch), std::log(2.0), 1e-6));
        const double reward = rewardOf(*model, {5, 17, 40});
        QVERIFY(isNear(meanLoss("reward_model", *model, batch, {{"centering", 0.5}}),
                       std::log(2.0) + 0.5 * 4 * reward * reward, 1e-5));
    }

    void aModelWithSeveralLabelsIsRefused()
    {
        const auto model = load({"Llama", kClassifier});
        QVERIFY_EXCEPTION_THROWN(objectives().at("reward_model").loss(*model, twoPairs(), {}),
                                 Error);
    }
};

QTEST_APPLESS_MAIN(TestRewardModel)
#include "tst_reward_model.moc"
