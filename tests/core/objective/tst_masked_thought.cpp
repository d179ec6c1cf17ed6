// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "tests/core/objective/corrupted.h"
#include "tests/core/objective/rows.h"

#include <QTest>

#include <algorithm>

using namespace tw;

namespace {

constexpr std::int64_t kMask = 4;

const TinyTokenizer& tokenizer()
{
    static const TinyTokenizer all(96);
    return all;
}

/// The last step of a run, behind the ramp.
BatchMoment lateStep()
{
    return {99, 100, true, &tokenizer()};
}

/// Rows of 10 prompt and 50 answer tokens.
Batch longRows(int rows)
{
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < 60; ++i)
        ids.push_back(5 + i);
    const TokenizedRow row = rowFrom(ids, 10);
    return packRows(std::vector<const TokenizedRow*>(static_cast<std::size_t>(rows), &row));
}

double maskedShare(const Batch& batch, std::int64_t answers)
{
    return static_cast<double>(std::ranges::count(batch.ids, kMask)) / static_cast<double>(answers);
}

} // namespace

class TestMaskedThought : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyAnswersAreMaskedAndNoLabelChanges()
    {
        const auto model = tinyModel();
        const Batch before = longRows(200);
        const Batch after = corrupted(before, *model, {"masked_thought", {}, lateStep()});
        QCOMPARE(after.targets, before.targets);
        QCOMPARE(after.positions, before.positions);
        for (std::size_t i = 0; i < after.ids.size(); ++i) {
            const bool isPrompt = i % 60 < 10;
            QVERIFY(after.ids[i] == before.ids[i] || (!isPrompt && after.ids[i] == kMask));
        }
        // 10,000 answer tokens at 0.4, within three deviations
        QVERIFY(isNear(maskedShare(after, 10'000), 0.4, 0.015));
    }

    void theShareGrowsAlongTheRamp_data()
    {
        QTest::addColumn<int>("step");
        QTest::addColumn<double>("expected");
        QTest::newRow("first step") << 0 << 0.0;
        QTest::newRow("half of the ramp") << 300 << 0.19967;
        QTest::newRow("end of the ramp") << 601 << 0.4;
        QTest::newRow("last step") << 899 << 0.4;
    }
    void theShareGrowsAlongTheRamp()
    {
        QFETCH(const int, step);
        QFETCH(const double, expected);
        const auto model = tinyModel();
        const BatchMoment moment {step, 900, true, &tokenizer()};
        const Batch after = corrupted(longRows(1000), *model, {"masked_thought", {}, moment});
        QVERIFY(isNear(maskedShare(after, 50'000), expected, expected > 0 ? 0.0066 : 0.0));
    }

    void noMaskingIsPlainSupervisedTraining()
    {
        const auto model = tinyModel();
        const Batch before = somePairs();
        const Batch after =
            corrupted(before, *model, {"masked_thought", {{"rate", 0.0}}, lateStep()});
        QCOMPARE(after.ids, before.ids);
        QCOMPARE(meanLoss("masked_thought", *model, after), meanLoss("supervised", *model, before));
    }

    void anEvaluationReadsWholeAnswers()
    {
        const auto model = tinyModel();
        const BatchMoment moment {0, 1, false, &tokenizer()};
        const Batch after = corrupted(longRows(3), *model, {"masked_thought", {}, moment});
        QCOMPARE(after.ids, longRows(3).ids);
    }

    void whereEverythingIsMaskedTheAnswerCannotBeSeen()
    {
        const auto model = tinyModel();
        const ParamValues settings {{"rate", 1.0}, {"ramp", 0.0}};
        const TokenizedRow one = rowFrom({5, 17, 40, 8, 61, 33}, 2);
        const TokenizedRow other = rowFrom({5, 17, 71, 9, 20, 44}, 2);
        const BatchMoment moment {1'000'000, 1'000'001, true, &tokenizer()};
        const Batch first =
            corrupted(packRows({&one}), *model, {"masked_thought", settings, moment});
        const Batch second =
            corrupted(packRows({&other}), *model, {"masked_thought", settings, moment});
        QCOMPARE(first.ids, (std::vector<std::int64_t> {5, 17, kMask, kMask, kMask, kMask}));
        QCOMPARE(first.ids, second.ids); // hence the logits
    }

    void maskedTokensAreNotLookedAtOnRequest()
    {
        const auto model = tinyModel();
        const ParamValues drops {{"dropsMasked", true}};
        const Batch usual = corrupted(longRows(5), *model, {"masked_thought", {}, lateStep()});
        const Batch after = corrupted(longRows(5), *model, {"masked_thought", drops, lateStep()});
        QVERIFY(usual.isUnseen.empty());
        QCOMPARE(after.ids, usual.ids);
        QCOMPARE(after.isUnseen.size(), after.ids.size());
        for (std::size_t i = 0; i < after.ids.size(); ++i)
            QCOMPARE(after.isUnseen[i] != 0, after.ids[i] == kMask);
        // As if it were padding: what stands there is the same to all others, so that only the
        // masked places themselves tell other chances.
        Batch other = after;
        std::ranges::replace(other.ids, kMask, std::int64_t {90});
        const auto lossOfSeen = [&](Batch batch) {
            for (std::size_t i = 0; i < batch.ids.size(); ++i)
                if (after.isUnseen[i] != 0)
                    batch.targets[i] = -100;
            return objectives().at("masked_thought").loss(*model, batch, drops).sum.item<double>();
        };
        QCOMPARE(lossOfSeen(other), lossOfSeen(after));
        other.isUnseen.clear();
        QVERIFY(!isNear(lossOfSeen(other), lossOfSeen(after), 1e-2));
    }

    void everyTokenOfTheAnswerIsPredictedMaskedOrNot()
    {
        const auto model = tinyModel();
        const Batch after = corrupted(longRows(1), *model, {"masked_thought", {}, lateStep()});
        const LossSum loss = objectives().at("masked_thought").loss(*model, after, {});
        QCOMPARE(loss.count, 50);
        double expected = 0.0;
        for (const double chance : chancesOf(*model, after))
            expected -= chance;
        QVERIFY(isNear(loss.sum.item<double>(), expected, 1e-3));
    }

    void otherReplacementsAndPromptsOnRequest()
    {
        const auto model = tinyModel();
        const auto share = [&](const ParamValues& settings, auto isReplaced) {
            const Batch before = longRows(200);
            const Batch after = corrupted(before, *model, {"masked_thought", settings, lateStep()});
            double count = 0;
            for (std::size_t i = 0; i < after.ids.size(); ++i)
                count += isReplaced(after.ids[i], before.ids[i]) ? 1 : 0;
            return count;
        };
        const auto isPad = [](std::int64_t now, std::int64_t) { return now == 0; };
        QVERIFY(isNear(share({{"replaceBy", std::string("pad")}}, isPad) / 10'000, 0.4, 0.015));
        const auto isOther = [](std::int64_t now, std::int64_t before) { return now != before; };
        QVERIFY(isNear(share({{"replaceBy", std::string("random")}}, isOther) / 10'000,
                       0.4 * 95 / 96, 0.015));
        QVERIFY(isNear(share({{"maskPrompt", true}}, isOther) / 12'000, 0.4, 0.015));
        const auto isNamed = [](std::int64_t now, std::int64_t before) {
            return now == 95 && before != 95;
        };
        QVERIFY(isNear(share({{"maskToken", std::string("w95")}}, isNamed) / 10'000, 0.4, 0.015));
        QVERIFY_EXCEPTION_THROWN(share({{"maskToken", std::string("nobody")}}, isOther), Error);
    }
};

QTEST_APPLESS_MAIN(TestMaskedThought)
#include "tst_masked_thought.moc"
