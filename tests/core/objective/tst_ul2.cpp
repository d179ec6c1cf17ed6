// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/tiny_models.h"
#include "tests/core/objective/corrupted.h"
#include "tests/core/objective/rows.h"

#include <QTest>

#include <algorithm>
#include <map>

using namespace tw;

namespace {

const TinyTokenizer& tokenizer()
{
    static const TinyTokenizer all(72, 10);
    return all;
}

const BatchMoment kMoment {0, 1, true, &tokenizer()};
const ParamValues kModes {{"regularMode", std::string("w5")},
                          {"sequentialMode", std::string("w7")},
                          {"extremeMode", std::string("w8")}};

std::shared_ptr<Model> t5()
{
    return load({"T5", TW_FIXTURES "/model/families/t5"});
}

Batch texts(std::size_t rows, std::int64_t words)
{
    TokenizedRow row = rowFrom({}, 0);
    for (std::int64_t i = 0; i < words; ++i)
        row.ids.push_back(10 + i);
    row.isTrained.assign(row.ids.size(), 1);
    row.kinds.assign(row.ids.size(), TokenKind::Answer);
    return packRows(std::vector<const TokenizedRow*>(rows, &row));
}

using Ids = std::vector<std::int64_t>;

Ids sourceOf(const Batch& batch, std::size_t row)
{
    return {batch.sourceIds.begin() + batch.sourceStarts[row],
            batch.sourceIds.begin() + batch.sourceStarts[row + 1]};
}

Ids targetOf(const Batch& batch, std::size_t row)
{
    return {batch.targets.begin() + batch.rowStarts[row],
            batch.targets.begin() + batch.rowStarts[row + 1]};
}

/// Cross-entropy of each row's target, by a pass of its own.
std::vector<double> lossesOfRows(const Model& model, const Batch& batch)
{
    std::vector<double> losses;
    for (std::size_t row = 0; row + 1 < batch.rowStarts.size(); ++row) {
        const Ids given(batch.ids.begin() + batch.rowStarts[row],
                        batch.ids.begin() + batch.rowStarts[row + 1]);
        const at::Tensor logits =
            model
                .outputs(
                    {{"input_ids", at::tensor(sourceOf(batch, row), at::kLong).unsqueeze(0)},
                     {"decoder_input_ids", at::tensor(given, at::kLong).unsqueeze(0)}})
                .at("logits")
                .squeeze(0);
        losses.push_back(at::cross_entropy_loss(logits.to(at::kDouble),
                                                at::tensor(targetOf(batch, row), at::kLong), {},
                                                at::Reduction::Sum)
                             .item<double>());
    }
    return losses;
}

} // namespace

class TestUl2 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theMixtureKeepsItsShares()
    {
        const Batch batch = corrupted(texts(3'000, 40), *t5(), {"ul2", kModes, kMoment});
        std::map<std::int64_t, double> shares;
        for (std::size_t row = 0; row < 3'000; ++row)
            shares[sourceOf(batch, row).front()] += 1.0 / 3'000;
        QCOMPARE(shares.size(), 3U);
        QVERIFY(isNear(shares[5], 0.4, 0.03));
        QVERIFY(isNear(shares[7], 0.2, 0.025));
        QVERIFY(isNear(shares[8], 0.4, 0.03));
    }

    void continuationsHideAQuarterAtTheEnd()
    {
        ParamValues settings = kModes;
        settings["regular"] = settings["extreme"] = 0.0;
        const Batch batch = corrupted(texts(2'000, 40), *t5(), {"ul2", settings, kMoment});
        double kept = 0.0;
        for (std::size_t row = 0; row < 2'000; ++row) {
            const Ids source = sourceOf(batch, row);
            const Ids target = targetOf(batch, row);
            const auto read = source.size() - 2; // the mode and the end
            QVERIFY(read >= 20 && read <= 39);
            QCOMPARE(source[1], 10);
            QCOMPARE(source[read], 9 + static_cast<std::int64_t>(read));
            QCOMPARE(target.front(), 10 + static_cast<std::int64_t>(read));
            QCOMPARE(target.size(), 40 - read + 1);
            QCOMPARE(target.back(), 2);
            kept += static_cast<double>(read) / 40 / 2'000;
        }
        QVERIFY(isNear(kept, 0.7375, 0.01)); // the mean of 20 to 39
    }

    void shortSpansAloneAndNoModesAreSpanDenoising()
    {
        const auto model = t5();
        const ParamValues settings {
            {"regular", 1.0}, {"sequential", 0.0}, {"extreme", 0.0}, {"modes", false}};
        // Of ten words the last two are hidden, whatever is drawn.
        const Batch mixture = corrupted(texts(3, 10), *model, {"ul2", settings, kMoment});
        const Batch plain = corrupted(texts(3, 10), *model, {"denoising", {}, kMoment});
        QCOMPARE(mixture.sourceIds, plain.sourceIds);
        QCOMPARE(mixture.targets, plain.targets);
        QVERIFY(
            isNear(meanLoss("ul2", *model, mixture), meanLoss("denoising", *model, plain), 1e-6));
    }

    void theLossOfEachKindIsToldByItself()
    {
        const auto model = t5();
        const Batch batch = corrupted(texts(30, 40), *model, {"ul2", kModes, kMoment});
        const LossSum loss = objectives().at("ul2").loss(*model, batch, kModes);
        QCOMPARE(loss.ratios.size(), 3U);
        Ratio all;
        for (const auto& [name, ratio] : loss.ratios)
            all += ratio;
        QVERIFY(isNear(all.sum, loss.sum.item<double>(), 1e-6));
        QCOMPARE(all.count, static_cast<double>(loss.count));
        // The rows whose mode is that of continuations, by themselves.
        const std::vector<double> chances = lossesOfRows(*model, batch);
        double sum = 0.0;
        for (std::size_t row = 0; row < 30; ++row)
            sum += sourceOf(batch, row).front() == 7 ? chances[row] : 0.0;
        QVERIFY(sum > 1.0);
        QVERIFY(isNear(loss.ratios.at("loss.sequential").sum, sum, 1e-4));
        const ParamValues alone {{"regular", 0.0}, {"extreme", 0.0}};
        const Batch one = corrupted(texts(4, 40), *model, {"ul2", alone, kMoment});
        const LossSum single = objectives().at("ul2").loss(*model, one, alone);
        QCOMPARE(single.ratios.size(), 1U);
        QVERIFY(isNear(single.ratios.at("loss.sequential").sum, single.sum.item<double>(), 1e-9));
    }

    void aDecoderSeesItsInputInBothDirectionsUnlessItShallNot()
    {
        const auto model = tinyModel();
        const Batch batch = corrupted(texts(20, 40), *model, {"ul2", kModes, kMoment});
        QCOMPARE(batch.prefixes.size(), 20U);
        for (std::size_t row = 0; row < 20; ++row) {
            // Its last token tells the first of the target, and nothing before it tells any.
            const Ids targets = targetOf(batch, row);
            const auto prefix = static_cast<std::size_t>(batch.prefixes[row]);
            for (std::size_t i = 0; i < targets.size(); ++i)
                QCOMPARE(targets[i] == -100, i + 1 < prefix || i + 1 == targets.size());
        }
        ParamValues narrow = kModes;
        narrow["seesWholeInput"] = false;
        QVERIFY(corrupted(texts(2, 40), *model, {"ul2", narrow, kMoment}).prefixes.empty());
        QVERIFY(corrupted(texts(2, 40), *t5(), {"ul2", kModes, kMoment}).prefixes.empty());
    }

    void halfOfATextCanBeHidden()
    {
        ParamValues settings = kModes;
        settings["regular"] = settings["sequential"] = 0.0;
        const Batch batch = corrupted(texts(400, 20), *t5(), {"ul2", settings, kMoment});
        std::map<std::ptrdiff_t, int> seen; // how many words were hidden
        for (std::size_t row = 0; row < 400; ++row)
            ++seen[std::ranges::count_if(targetOf(batch, row),
                                         [](std::int64_t id) { return id >= 10 && id < 62; })];
        QCOMPARE(seen.size(), 2U); // 15 % and 50 % of 20
        QVERIFY(isNear(seen[3] / 400.0, 0.25, 0.07));
        QVERIFY(isNear(seen[10] / 400.0, 0.75, 0.07));
    }

    void aMixtureOfNothingIsAProblem()
    {
        const auto check = objectives().at("ul2").check;
        QCOMPARE(check({{"regular", 0.0}, {"sequential", 0.0}, {"extreme", 0.0}}).size(), 1U);
        QVERIFY(check({}).empty());
    }
};

QTEST_APPLESS_MAIN(TestUl2)
#include "tst_ul2.moc"
