// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/objective/corrupted.h"
#include "tests/core/objective/rows.h"

#include <QTest>

#include <algorithm>

using namespace tw;

namespace {

constexpr std::int64_t kMask = 4;

const TinyTokenizer& tokenizer()
{
    static const TinyTokenizer all(72);
    return all;
}

const BatchMoment kMoment {0, 1, true, &tokenizer()};

std::shared_ptr<Model> bert(const std::string& folder = "bert_masked")
{
    return load({"BERT", TW_FIXTURES "/model/families/" + folder});
}

/// One row of [BOS], `words` tokens and [EOS]: w5 ##w6 w7 w8 ##w9 ...
Batch longRow(std::int64_t words)
{
    TokenizedRow row = rowFrom({1}, 0);
    for (std::int64_t i = 0; i < words; ++i)
        row.ids.push_back(5 + i % 67);
    row.ids.push_back(2);
    row.isTrained.assign(row.ids.size(), 1);
    row.isTrained.front() = row.isTrained.back() = 0; // as of texts: the template's tokens
    row.kinds.assign(row.ids.size(), TokenKind::Answer);
    return packRows({&row});
}

Batch masked(const Batch& batch, const ParamValues& settings = {})
{
    return corrupted(batch, *bert(), {"masked_lm", settings, kMoment});
}

bool isChosen(const Batch& batch, std::size_t at)
{
    return batch.targets[at] != -100;
}

/// Lengths of the stretches of chosen tokens.
std::vector<double> stretches(const Batch& batch)
{
    std::vector<double> lengths;
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        if (!isChosen(batch, i))
            continue;
        if (i == 0 || !isChosen(batch, i - 1))
            lengths.push_back(0);
        lengths.back() += 1;
    }
    return lengths;
}

} // namespace

class TestMaskedLm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tokensAreChosenHiddenReplacedAndKeptInTheirShares()
    {
        const Batch before = longRow(40'000);
        const Batch after = masked(before);
        double chosen = 0;
        double hidden = 0;
        double kept = 0;
        for (std::size_t i = 0; i < before.ids.size(); ++i) {
            if (!isChosen(after, i)) {
                QCOMPARE(after.ids[i], before.ids[i]);
                continue;
            }
            QCOMPARE(after.targets[i], before.ids[i]);
            ++chosen;
            hidden += after.ids[i] == kMask ? 1 : 0;
            kept += after.ids[i] == before.ids[i] ? 1 : 0;
        }
        QVERIFY(isNear(chosen / 40'000, 0.15, 0.0054)); // three deviations
        QVERIFY(isNear(hidden / chosen, 0.8 + 0.1 / 72, 0.0155)); // a random one may be the mask
        QVERIFY(isNear(kept / chosen, 0.1 + 0.1 / 72, 0.0117));
    }

    void specialTokensAndUntrainedOnesAreNeverChosen()
    {
        const Batch whole = masked(longRow(500), {{"rate", 0.9}});
        QVERIFY(!isChosen(whole, 0));
        QVERIFY(!isChosen(whole, 501));
        const TokenizedRow answer = rowFrom({1, 10, 11, 13, 14, 16, 17, 19, 20}, 5);
        const Batch part =
            masked(packRows({&answer}), {{"rate", 0.9}, {"masked", 1.0}, {"random", 0.0}});
        for (std::size_t i = 0; i < 5; ++i)
            QVERIFY(!isChosen(part, i));
        QVERIFY(part.targets != std::vector<std::int64_t>(9, -100));
    }

    void piecesOfAWordAreChosenTogether()
    {
        const Batch before = longRow(3'000);
        const Batch after = masked(before, {{"unit", std::string("words")}});
        int chosen = 0;
        for (std::size_t i = 2; i + 1 < before.ids.size(); ++i) {
            chosen += isChosen(after, i) ? 1 : 0;
            if (before.ids[i] % 3 == 0 && before.ids[i - 1] > 2) // ##w goes on with the one before
                QCOMPARE(isChosen(after, i), isChosen(after, i - 1));
        }
        QVERIFY(chosen >= 447 && chosen <= 450); // 15 % and no more, up to a word
    }

    void spansAreLongerThanWords()
    {
        const Batch after = masked(longRow(20'000), {{"unit", std::string("spans")}});
        const auto lengths = stretches(after);
        double tokens = 0;
        for (const double length : lengths)
            tokens += length;
        QVERIFY(isNear(tokens / 20'000, 0.15, 0.0005));
        // 3.8 words of 1.5 tokens each on average, some of them meet
        QVERIFY(isNear(tokens / static_cast<double>(lengths.size()), 6.0, 1.0));
    }

    void theLossIsThatOfTheChosenPositions_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("output");
        QTest::newRow("masked") << "bert_masked" << "logits";
        QTest::newRow("before fine-tuning") << "bert_pretraining" << "prediction_logits";
    }
    void theLossIsThatOfTheChosenPositions()
    {
        QFETCH(const QString, folder);
        QFETCH(const QString, output);
        const auto model = bert(folder.toStdString());
        const Batch batch = masked(longRow(20));
        const at::Tensor logits =
            model->outputs({{"input_ids", at::tensor(batch.ids, at::kLong).unsqueeze(0)}})
                .at(output.toStdString())
                .squeeze(0)
                .to(at::kDouble)
                .log_softmax(1);
        double expected = 0.0;
        std::int64_t count = 0;
        for (std::size_t i = 0; i < batch.ids.size(); ++i)
            if (isChosen(batch, i)) {
                expected -= logits[static_cast<std::int64_t>(i)][batch.targets[i]].item<double>();
                ++count;
            }
        const LossSum loss = objectives().at("masked_lm").loss(*model, batch, {});
        QVERIFY(count > 0);
        QCOMPARE(loss.count, count);
        QVERIFY(isNear(loss.sum.item<double>(), expected, 1e-4));
    }

    void sharesBeyondOneAreAProblem()
    {
        const auto check = objectives().at("masked_lm").check;
        QCOMPARE(check({{"masked", 0.8}, {"random", 0.3}}).size(), 1U);
        QVERIFY(check({{"masked", 0.8}, {"random", 0.2}}).empty());
    }

    void aTokenizerWithoutAMaskIsToldOf()
    {
        QVERIFY_EXCEPTION_THROWN(corrupted(longRow(5), *bert(), {"masked_lm", {}, {}}), Error);
        QVERIFY_EXCEPTION_THROWN(masked(longRow(5), {{"maskToken", std::string("nobody")}}), Error);
    }
};

QTEST_APPLESS_MAIN(TestMaskedLm)
#include "tst_masked_lm.moc"
