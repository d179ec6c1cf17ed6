// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/objective/corrupted.h"
#include "tests/core/objective/rows.h"

#include <QTest>

using namespace tw;

namespace {

const TinyTokenizer& tokenizer()
{
    static const TinyTokenizer all(72, 10); // <extra_id_0> is 71
    return all;
}

const BatchMoment kMoment {0, 1, true, &tokenizer()};

std::shared_ptr<Model> t5()
{
    return load({"T5", TW_FIXTURES "/model/families/t5"});
}

/// Ten words between the tokens that begin and end a text: always the last two are hidden.
Batch tenWords()
{
    const TokenizedRow row = rowFrom({1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2}, 0);
    return packRows({&row, &row});
}

using Ids = std::vector<std::int64_t>;

} // namespace

class TestDenoising : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anEncoderReadsAndItsDecoderWrites()
    {
        const auto model = t5();
        const Batch batch = corrupted(tenWords(), *model, {"denoising", {}, kMoment});
        QCOMPARE(batch.rowCount(), 2);
        QCOMPARE(batch.sourceStarts, (Ids {0, 10, 20}));
        QCOMPARE(Ids(batch.sourceIds.begin(), batch.sourceIds.begin() + 10),
                 (Ids {10, 11, 12, 13, 14, 15, 16, 17, 71, 2}));
        QCOMPARE(batch.rowStarts, (Ids {0, 4, 8}));
        QCOMPARE(Ids(batch.ids.begin(), batch.ids.begin() + 4),
                 (Ids {model->config().startId, 71, 18, 19}));
        QCOMPARE(Ids(batch.targets.begin(), batch.targets.begin() + 4), (Ids {71, 18, 19, 2}));
        QCOMPARE(batch.positions, (Ids {0, 1, 2, 3, 0, 1, 2, 3}));
    }

    void aDecoderReadsAndWritesInOneRow()
    {
        const auto model = tinyModel();
        const Batch batch = corrupted(tenWords(), *model, {"denoising", {}, kMoment});
        QCOMPARE(Ids(batch.ids.begin(), batch.ids.begin() + batch.rowStarts[1]),
                 (Ids {1, 10, 11, 12, 13, 14, 15, 16, 17, 71, 71, 18, 19, 2}));
        Ids expected(14, -100);
        expected[9] = 71;
        expected[10] = 18;
        expected[11] = 19;
        expected[12] = 2;
        QCOMPARE(Ids(batch.targets.begin(), batch.targets.begin() + batch.rowStarts[1]), expected);
        QVERIFY(batch.sourceIds.empty());
        // Up to the sentinel that tells the first word of the target.
        QCOMPARE(batch.prefixes, (Ids {10, 10}));
    }

    void aDecoderSeesTheWholeInputUnlessItShallNot()
    {
        const auto model = tinyModel();
        const ParamValues leftToRight {{"seesWholeInput", false}};
        const Batch batch = corrupted(tenWords(), *model, {"denoising", {}, kMoment});
        const Batch narrow = corrupted(tenWords(), *model, {"denoising", leftToRight, kMoment});
        QVERIFY(narrow.prefixes.empty());
        QVERIFY(corrupted(tenWords(), *t5(), {"denoising", {}, kMoment}).prefixes.empty());
        PackedInput input {at::tensor(batch.ids, at::kLong), at::tensor(batch.positions, at::kLong),
                           batch.rowStarts};
        input.sight.prefixes = {10, 10};
        const at::Tensor logits = model->logits(model->hidden(input)).to(at::kDouble);
        const double expected = at::cross_entropy_loss(logits, at::tensor(batch.targets, at::kLong))
                                    .item<double>();
        QVERIFY(isNear(meanLoss("denoising", *model, batch), expected, 1e-6));
        QVERIFY(!isNear(meanLoss("denoising", *model, narrow), expected, 1e-3));
    }

    void theLossIsTheCrossEntropyOfTheTarget()
    {
        const auto model = t5();
        const Batch batch = corrupted(tenWords(), *model, {"denoising", {}, kMoment});
        const at::Tensor source =
            at::tensor(Ids(batch.sourceIds.begin(), batch.sourceIds.begin() + 10), at::kLong);
        const at::Tensor given =
            at::tensor(Ids(batch.ids.begin(), batch.ids.begin() + 4), at::kLong);
        const at::Tensor logits = model
                                      ->outputs({{"input_ids", source.unsqueeze(0)},
                                                 {"decoder_input_ids", given.unsqueeze(0)}})
                                      .at("logits")
                                      .squeeze(0)
                                      .to(at::kDouble)
                                      .log_softmax(1);
        double expected = 0.0;
        for (std::int64_t i = 0; i < 4; ++i)
            expected -= logits[i][batch.targets[static_cast<std::size_t>(i)]].item<double>();
        QVERIFY(isNear(meanLoss("denoising", *model, batch), expected / 4, 1e-5));
    }

    void longTextsAreCutToAStretchThatFits()
    {
        TokenizedRow row = rowFrom({1}, 0);
        for (std::int64_t i = 0; i < 200; ++i)
            row.ids.push_back(5 + i % 50);
        row.isTrained.assign(row.ids.size(), 1);
        row.kinds.assign(row.ids.size(), TokenKind::Answer);
        const ParamValues settings {{"inputLength", std::int64_t {30}}};
        const auto encoder = t5();
        const Batch beside =
            corrupted(packRows({&row}), *encoder, {"denoising", settings, kMoment});
        QCOMPARE(beside.sourceIds.size(), 30U);
        const auto decoder = tinyModel(); // which reads 64 tokens
        const Batch inOne = corrupted(packRows({&row}), *decoder, {"denoising", {}, kMoment});
        QVERIFY(inOne.tokenCount() <= 64 && inOne.tokenCount() >= 62);
    }

    void emptyTextsTeachNoMoreThanTheirEnd()
    {
        const TokenizedRow empty = rowFrom({1, 2}, 0);
        for (const auto& model : {t5(), tinyModel()}) {
            const Batch batch = corrupted(packRows({&empty}), *model, {"denoising", {}, kMoment});
            QVERIFY(batch.tokenCount() > 0);
            const LossSum loss = objectives().at("denoising").loss(*model, batch, {});
            QVERIFY(std::isfinite(loss.sum.item<double>()));
            QVERIFY(loss.count <= 1);
        }
    }

    void aModelWithoutItsTokenizerIsRefused()
    {
        QVERIFY_EXCEPTION_THROWN(corrupted(tenWords(), *t5(), {"denoising"}), Error);
    }
};

QTEST_APPLESS_MAIN(TestDenoising)
#include "tst_denoising.moc"
