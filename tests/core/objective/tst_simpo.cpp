// SPDX-License-Identifier: Apache-2.0
#include "tests/core/objective/rows.h"

#include <QTest>

#include <cmath>

using namespace tw;

namespace {

Batch equalPair()
{
    TokenizedRow row = rowFrom({5, 17, 40, 8}, 2);
    row.rejected = {rowFrom({5, 17, 40, 8}, 2)};
    return packRows({&row});
}

} // namespace

class TestSimpo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersThatAreEqualCostTheMarginAlone()
    {
        const auto model = tinyModel();
        // log(1 + e^gamma)
        QVERIFY(isNear(meanLoss("simpo", *model, equalPair()), 1.3132617, 1e-6));
        QVERIFY(isNear(meanLoss("simpo", *model, equalPair(), {{"gamma", 0.0}}), 0.6931472, 1e-6));
        QVERIFY(isNear(meanLoss("simpo", *model, equalPair(), {{"labelSmoothing", 0.1}}), 1.2132617,
                       1e-6));
    }

    void rewardsAreMeansPerToken()
    {
        const auto model = tinyModel();
        const Batch batch = somePairs();
        const auto sums = chancesOf(*model, batch);
        const double first = 2.0 * (sums[0] / 3 - sums[1] / 2); // tokens of the answers
        const double second = 2.0 * (sums[2] / 2 - sums[3] / 4);
        const double expected =
            (std::log1p(std::exp(1.0 - first)) + std::log1p(std::exp(1.0 - second))) / 2;
        const LossSum loss = objectives().at("simpo").loss(*model, batch, {});
        QVERIFY(isNear(loss.sum.item<double>() / 2, expected, 2e-5));
        QVERIFY(isNear(loss.measures.at("rewards.margin"), first + second, 4e-5));
        QVERIFY(isNear(loss.measures.at("logps.chosen"), sums[0] / 3 + sums[2] / 2, 2e-5));
    }

    void noReferenceIsAskedFor() { QVERIFY(!objectives().at("simpo").reference); }
};

QTEST_APPLESS_MAIN(TestSimpo)
#include "tst_simpo.moc"
