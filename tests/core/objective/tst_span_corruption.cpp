// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/objective/span_corruption.h"
#include "tests/contract/tiny_tokenizer.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <numeric>

using namespace tw;

class TestSpanCorruption : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsAreThoseOfT5_data()
    {
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("rate");
        QTest::addColumn<int>("spans"); // of 512 tokens
        QTest::addColumn<int>("longest"); // text whose input has 512 tokens with its end
        QTest::addColumn<int>("target"); // of that text, with its end
        QTest::newRow("3, 15 %") << 3.0 << 0.15 << 26 << 568 << 114;
        QTest::newRow("8, 15 %") << 8.0 << 0.15 << 10 << 588 << 100;
        QTest::newRow("3, 50 %") << 3.0 << 0.5 << 85 << 766 << 512;
        QTest::newRow("8, 50 %") << 8.0 << 0.5 << 32 << 908 << 512;
        QTest::newRow("64, 15 %") << 64.0 << 0.15 << 1 << 600 << 92;
        QTest::newRow("64, 50 %") << 64.0 << 0.5 << 4 << 1006 << 512;
    }
    void countsAreThoseOfT5()
    {
        QFETCH(const double, mean);
        QFETCH(const double, rate);
        QFETCH(const int, spans);
        QFETCH(const int, longest);
        QFETCH(const int, target);
        const SpanPlan plan {mean, rate};
        QCOMPARE(spanCounts(512, plan).spans, spans);
        QCOMPARE(spanCounts(512, plan).hidden, rate < 0.3 ? 77 : 256);
        DenoisedLimits limits;
        limits.source = limits.target = 512;
        limits.sourceExtra = limits.targetExtra = 1;
        QCOMPARE(longestText(plan, limits), longest);
        const SpanCounts counts = spanCounts(longest, plan);
        QCOMPARE(counts.hidden + counts.spans + 1, target);
    }

    void tooFewSentinelsShortenTheText()
    {
        DenoisedLimits limits;
        limits.source = limits.target = 512;
        limits.sourceExtra = limits.targetExtra = 1;
        limits.sentinels = 99;
        const std::int64_t longest = longestText({3, 0.5}, limits);
        QCOMPARE(spanCounts(longest, {3, 0.5}).spans, 99);
        QVERIFY(spanCounts(longest + 1, {3, 0.5}).spans > 99);
    }

    void shortTextsLoseTheirEnd()
    {
        // 1.5 tokens are rounded to 2, in one span, and a hidden span comes last.
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            RandomStream random(seed, "test");
            std::vector<bool> expected(10, false);
            expected[8] = expected[9] = true;
            QCOMPARE(hiddenTokens(10, {3, 0.15}, random), expected);
        }
    }

    void everyWayToSplitIsEquallyLikely()
    {
        RandomStream random(7, "test");
        std::map<std::vector<std::int64_t>, int> seen;
        for (int i = 0; i < 5'000; ++i)
            ++seen[composition(4, 2, random)];
        QCOMPARE(seen.size(), 3U);
        for (const auto& [parts, count] : seen) {
            QCOMPARE(std::accumulate(parts.begin(), parts.end(), std::int64_t {0}), 4);
            QVERIFY(std::abs(count / 5'000.0 - 1.0 / 3) < 0.02);
        }
    }

    void countsAreExactAndPlacesAreDrawn()
    {
        RandomStream random(3, "test");
        std::vector<double> shares(512);
        for (int i = 0; i < 500; ++i) {
            const std::vector<bool> isHidden = hiddenTokens(512, {3, 0.15}, random);
            QCOMPARE(std::ranges::count(isHidden, true), 77);
            QVERIFY(!isHidden.front() && isHidden.back());
            for (std::size_t at = 0; at < shares.size(); ++at)
                shares[at] += isHidden[at] ? 1.0 / 500 : 0.0;
        }
        const double middle =
            std::accumulate(shares.begin() + 100, shares.begin() + 400, 0.0) / 300;
        QVERIFY(std::abs(middle - 0.15) < 0.01);
    }

    void sourceAndTargetMakeTheTextAgain()
    {
        const TinyTokenizer tokenizer(300, 100);
        const Sentinels sentinels(tokenizer);
        QCOMPARE(sentinels.count(), 100);
        QCOMPARE(sentinels.at(0), (std::vector<std::int64_t> {299}));
        RandomStream random(5, "test");
        for (int i = 0; i < 10'000; ++i) {
            const auto length = static_cast<std::int64_t>(2 + random.below(60));
            std::vector<std::int64_t> text;
            for (std::int64_t at = 0; at < length; ++at)
                text.push_back(5 + static_cast<std::int64_t>(random.below(190)));
            const SpanPlan plan {i % 2 == 0 ? 3.0 : 8.0, i % 3 == 0 ? 0.5 : 0.15};
            const auto parts = withSentinels(text, hiddenTokens(length, plan, random), sentinels);
            std::vector<std::int64_t> again;
            for (const std::int64_t id : parts.source) {
                if (id < 200) {
                    again.push_back(id);
                    continue;
                }
                auto at = std::ranges::find(parts.target, id);
                QVERIFY(at != parts.target.end());
                while (++at != parts.target.end() && *at < 200)
                    again.push_back(*at);
            }
            QCOMPARE(again, text);
        }
    }

    void aTokenizerWithoutSentinelsSpellsThem()
    {
        const TinyTokenizer tokenizer(30);
        const Sentinels sentinels(tokenizer);
        QCOMPARE(sentinels.at(3), (std::vector<std::int64_t> {3})); // one unknown word here
        QVERIFY_EXCEPTION_THROWN(sentinels.at(sentinels.count()), Error);
    }
};

QTEST_APPLESS_MAIN(TestSpanCorruption)
#include "tst_span_corruption.moc"
