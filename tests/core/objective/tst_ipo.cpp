// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/rows.h"

#include <QTest>

using namespace tw;

class TestIpo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void atTheStartAPairCostsTheSquaredMargin()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, somePairs(), {});
        QVERIFY(isNear(meanLoss("ipo", *model, batch), 25.0, 1e-3)); // 1 / (4 beta^2)
        QVERIFY(isNear(meanLoss("ipo", *model, batch, {{"beta", 0.5}}), 1.0, 1e-4));
    }

    void ratiosAreMeansPerTokenOfTheAnswer()
    {
        const auto model = tinyModel();
        // The answers have 3, 2, 2 and 4 tokens: a margin of 0.3 + 0.2 per token.
        const Batch batch = movedBy(*model, somePairs(), {3 * 0.3, -2 * 0.2, 2 * 0.3, -4 * 0.2});
        const LossSum loss = objectives().at("ipo").loss(*model, batch, {});
        QVERIFY(isNear(loss.sum.item<double>() / 2, 20.25, 1e-3));
        QVERIFY(isNear(loss.measures.at("rewards.margin"), 2 * 0.05, 1e-5));
        QCOMPARE(loss.measures.at("rewards.accuracy"), 2.0);
    }

    void threeToOneEndsAtAMarginOfAHalf()
    {
        const auto model = tinyModel();
        Linear& layer = model->linear({SiteKind::AttnO, 0});
        layer.weight.requires_grad_();
        TokenizedRow better = rowFrom({5, 17, 40}, 2);
        better.rejected = {rowFrom({5, 17, 41}, 2)};
        TokenizedRow worse = rowFrom({5, 17, 41}, 2);
        worse.rejected = {rowFrom({5, 17, 40}, 2)};
        // sigmoid(0.5) = 0.6225 is where the four pairs pull evenly at beta 0.5.
        const Batch batch = movedBy(*model, packRows({&better, &better, &better, &worse}),
                                    {0.5, 0.0, 0.5, 0.0, 0.5, 0.0, 0.0, 0.5});
        objectives().at("ipo").loss(*model, batch, {{"beta", 0.5}}).sum.backward();
        QVERIFY(layer.weight.grad().abs().max().item<double>() < 3e-4);
        layer.weight.mutable_grad() = at::Tensor();
        objectives().at("ipo").loss(*model, batch, {{"beta", 0.25}}).sum.backward();
        QVERIFY(layer.weight.grad().abs().max().item<double>() > 1e-2);
    }
};

QTEST_APPLESS_MAIN(TestIpo)
#include "tst_ipo.moc"
