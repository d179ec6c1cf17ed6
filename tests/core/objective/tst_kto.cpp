// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "tests/core/objective/rows.h"

#include <QTest>

using namespace tw;

namespace {

std::vector<TokenizedRow> judgedRows()
{
    std::vector<TokenizedRow> rows {rowFrom({5, 17, 40, 8, 61}, 3), rowFrom({9, 12, 88}, 2),
                                    rowFrom({7, 30, 31, 32}, 1)};
    rows[0].labels = {1.0};
    rows[1].labels = {0.0};
    rows[2].labels = {1.0};
    return rows;
}

Batch packed(const std::vector<TokenizedRow>& rows)
{
    std::vector<const TokenizedRow*> pointers;
    for (const TokenizedRow& row : rows)
        pointers.push_back(&row);
    return packRows(pointers);
}

Batch preparedBatch()
{
    std::vector<TokenizedRow> rows = judgedRows();
    objectives().at("kto").prepare(rows, {}, 5);
    return packed(rows);
}

at::Tensor gradientOf(Model& model, const Batch& batch)
{
    Linear& layer = model.linear({SiteKind::AttnO, 0});
    layer.weight.requires_grad_();
    objectives().at("kto").loss(model, batch, {}).sum.backward();
    at::Tensor gradient = layer.weight.grad().clone();
    layer.weight.mutable_grad() = at::Tensor();
    return gradient;
}

} // namespace

class TestKto : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachPromptIsPutBeforeTheAnswerOfTheRowBefore()
    {
        std::vector<TokenizedRow> rows = judgedRows();
        objectives().at("kto").prepare(rows, {}, 5);
        QCOMPARE(rows[0].rejected.front().ids, (std::vector<std::int64_t> {5, 17, 40, 30, 31}));
        QCOMPARE(rows[0].rejected.front().cutTokens, 1); // at most 5 tokens were asked for
        QCOMPARE(rows[1].rejected.front().ids, (std::vector<std::int64_t> {9, 12, 8, 61}));
        QCOMPARE(rows[2].rejected.front().ids, (std::vector<std::int64_t> {7, 88}));
        QCOMPARE(rows[1].rejected.front().isTrained, (std::vector<std::uint8_t> {0, 0, 1, 1}));
        std::vector<TokenizedRow> one {rowFrom({5, 17}, 1)};
        QVERIFY_EXCEPTION_THROWN(objectives().at("kto").prepare(one, {}, 5), Error);
    }

    void atTheStartEveryAnswerCostsAHalf()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, preparedBatch(), {});
        const LossSum loss = objectives().at("kto").loss(*model, batch, {});
        QCOMPARE(loss.count, 3);
        QVERIFY(isNear(loss.sum.item<double>(), 1.5, 1e-5));
        QVERIFY(isNear(loss.measures.at("kl"), 0.0, 1e-4));
    }

    void answersAreJudgedAgainstTheMismatchedOnes()
    {
        const auto model = tinyModel();
        // Judged answers gained 2 nats each, mismatched ones 1 on average.
        const Batch batch = movedBy(*model, preparedBatch(), {2, 0.5, 2, 1.5, 2, 1.0});
        const LossSum loss = objectives().at("kto").loss(*model, batch, {});
        // Liked twice 1 - sigmoid(0.1), disliked once 1 - sigmoid(-0.1).
        QVERIFY(isNear(loss.sum.item<double>(), 2 * 0.475021 + 0.524979, 1e-5));
        QVERIFY(isNear(loss.measures.at("kl"), 3.0, 1e-4));
        QCOMPARE(loss.measures.at("rewards.accuracy"), 2.0);
        QVERIFY(isNear(loss.ratios.at("rewards.chosen").mean(), 0.2, 1e-5));
        QVERIFY(isNear(loss.ratios.at("rewards.rejected").mean(), 0.2, 1e-5));
    }

    void aDistanceBelowZeroCountsAsZero()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, preparedBatch(), {2, -5, 2, -5, 2, -5});
        // 1 - sigmoid(0.2) and 1 - sigmoid(-0.2)
        QVERIFY(isNear(meanLoss("kto", *model, batch), (2 * 0.450166 + 0.549834) / 3, 1e-5));
    }

    void weightsCountForTheirSide()
    {
        const auto model = tinyModel();
        const Batch batch = movedBy(*model, preparedBatch(), {});
        QVERIFY(isNear(meanLoss("kto", *model, batch, {{"likedWeight", 2.0}}), 2.5 / 3, 1e-5));
        QVERIFY(isNear(meanLoss("kto", *model, batch, {{"dislikedWeight", 0.0}}), 1.0 / 3, 1e-5));
    }

    void theDistanceHasNoGradient()
    {
        const auto model = tinyModel();
        std::vector<TokenizedRow> rows = judgedRows();
        objectives().at("kto").prepare(rows, {}, 5);
        const std::vector<double> gains {2, 1, 2, 1, 2, 1};
        const at::Tensor one = gradientOf(*model, movedBy(*model, packed(rows), gains));
        for (TokenizedRow& row : rows)
            row.rejected = {rowFrom({60, 61, 62, 63}, 1)};
        const at::Tensor other = gradientOf(*model, movedBy(*model, packed(rows), gains));
        QVERIFY(one.abs().max().item<double>() > 1e-4);
        QVERIFY(at::allclose(one, other, 1e-4, 1e-7));
    }

    void withoutTheDistanceSingleRowsAreEnough()
    {
        const auto model = tinyModel();
        const ParamValues settings {{"estimatesDistance", false}};
        std::vector<TokenizedRow> rows = judgedRows();
        objectives().at("kto").prepare(rows, settings, 5);
        QVERIFY(rows.front().rejected.empty());
        const Batch batch = movedBy(*model, packed(rows), {2, 2, 2});
        QVERIFY(
            isNear(meanLoss("kto", *model, batch, settings), (2 * 0.450166 + 0.549834) / 3, 1e-5));
        QVERIFY_EXCEPTION_THROWN(objectives().at("kto").loss(*model, batch, {}), Error);
    }
};

QTEST_APPLESS_MAIN(TestKto)
#include "tst_kto.moc"
