// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/rows.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

double logOdds(double mean)
{
    return mean - std::log(1.0 - std::exp(mean));
}

} // namespace

class TestOrpo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersThatAreEqualCostTheirLikelihoodAndLn2()
    {
        const auto model = tinyModel();
        TokenizedRow pair = rowFrom({5, 17, 40, 8, 61}, 3);
        pair.rejected = {rowFrom({5, 17, 40, 8, 61}, 3)};
        const TokenizedRow whole = rowFrom({5, 17, 40, 8, 61}, 1);
        const double likelihood = meanLoss("supervised", *model, packRows({&whole}));
        QVERIFY(isNear(meanLoss("orpo", *model, packRows({&pair})),
                       likelihood + 0.1 * std::log(2.0), 1e-5));
        QVERIFY(
            isNear(meanLoss("orpo", *model, packRows({&pair}), {{"beta", 0.0}}), likelihood, 1e-5));
    }

    void theLikelihoodIsThatOfPromptAndAnswerAndOddsAreMeansPerToken()
    {
        const auto model = tinyModel();
        const Batch batch = somePairs();
        const auto sums = chancesOf(*model, batch);
        const TokenizedRow one = rowFrom({5, 17, 40, 8, 61, 33}, 1);
        const TokenizedRow two = rowFrom({9, 12, 88, 21}, 1);
        const double likelihood = meanLoss("supervised", *model, packRows({&one, &two}));
        const double first = logOdds(sums[0] / 3) - logOdds(sums[1] / 2);
        const double second = logOdds(sums[2] / 2) - logOdds(sums[3] / 4);
        const double ratios = (std::log1p(std::exp(-first)) + std::log1p(std::exp(-second))) / 2;
        const LossSum loss = objectives().at("orpo").loss(*model, batch, {});
        QCOMPARE(loss.count, 2);
        QVERIFY(isNear(loss.sum.item<double>() / 2, likelihood + 0.1 * ratios, 2e-5));
        QVERIFY(isNear(loss.measures.at("odds.logRatio"), first + second, 5e-5));
        QVERIFY(isNear(loss.measures.at("likelihood.loss"), 2 * likelihood, 2e-5));
    }
};

QTEST_APPLESS_MAIN(TestOrpo)
#include "tst_orpo.moc"
