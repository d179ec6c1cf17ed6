// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/analysis/contrast.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>
#include <map>
#include <numeric>

using namespace tw;

namespace {

const std::filesystem::path kModel = TW_FIXTURES "/model/llama_plain"; // vocabulary of 96
constexpr std::int64_t kBos = 1;
constexpr std::int64_t kEos = 2;

/// Ids as words: "<5>".
class NumberTokenizer final : public Tokenizer
{
public:
    Encoding encode(std::string_view text, bool) const override
    {
        Encoding encoding;
        for (std::size_t at = text.find('<'); at != std::string_view::npos;
             at = text.find('<', at + 1))
            encoding.ids.push_back(std::stoll(std::string(text.substr(at + 1))));
        return encoding;
    }
    std::string decode(const std::vector<std::int64_t>& ids, bool) const override
    {
        return std::accumulate(
            ids.begin(), ids.end(), std::string(),
            [this](const std::string& all, std::int64_t id) { return all + tokenBytes(id); });
    }
    std::string tokenBytes(std::int64_t id) const override
    {
        return "<" + std::to_string(id) + ">";
    }
    std::string tokenText(std::int64_t id) const override { return tokenBytes(id); }
    std::optional<std::int64_t> idOf(std::string_view) const override { return std::nullopt; }
    bool isSpecial(std::int64_t id) const override { return id == kBos || id == kEos; }
    std::int64_t vocabularySize() const override { return 96; }
    SpecialTokens specialTokens() const override
    {
        return hasSpecials ? SpecialTokens {kBos, kEos, std::nullopt, std::nullopt}
                           : SpecialTokens {};
    }
    std::string description() const override { return "numbers"; }

    bool hasSpecials = true;
};

struct Tuned
{
    std::shared_ptr<Model> model;
    std::unique_ptr<Adapter> adapter;

    ContrastPair pair() const { return contrastPair(*model, *adapter); }
};

/// The small model with an adapter whose B is random: `size` 0 leaves it as it is.
Tuned tunedModel(double size)
{
    JobControl control;
    Tuned tuned {loadModel(openModelSource(kModel), control), nullptr};
    RandomStream random(3, "test");
    tuned.adapter = adaptations().at("lora").attach(
        *tuned.model, {{SiteKind::AttnQ, {0, 1}}, {SiteKind::MlpUp, {0, 1}}},
        {{"rank", std::int64_t {4}}}, {random});
    const at::NoGradGuard noGrad;
    at::manual_seed(3);
    for (const auto& [name, tensor] : tuned.adapter->parameters())
        if (name.find("lora_B") != std::string::npos)
            at::Tensor(tensor).normal_(0, 1).mul_(size);
    return tuned;
}

at::Tensor logOf(const std::vector<float>& probabilities)
{
    return at::log(at::tensor(probabilities));
}

std::vector<double> shares(const std::vector<double>& scores)
{
    double sum = 0.0;
    for (const double score : scores)
        sum += std::exp(score);
    std::vector<double> result;
    for (const double score : scores)
        result.push_back(std::exp(score) / sum);
    return result;
}

void compareClose(double actual, double expected, double tolerance)
{
    QVERIFY2(
        std::abs(actual - expected) <= tolerance,
        qPrintable(
            QStringLiteral("%1 instead of %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

at::Tensor lastLogProbabilities(const Model& model, const std::vector<std::int64_t>& ids)
{
    const auto count = static_cast<std::int64_t>(ids.size());
    const at::Tensor hidden = model.hidden({at::tensor(ids), at::arange(count), {0, count}});
    return at::log_softmax(model.logits(hidden.narrow(0, count - 1, 1)), -1).squeeze(0);
}

} // namespace

class TestContrast : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneStepHasThePublishedNumbers()
    {
        const at::Tensor tuned = logOf({.5F, .3F, .15F, .05F});
        const at::Tensor base = logOf({.6F, .1F, .2F, .1F});
        const Plausible step = plausibleTokens(tuned, base, 0.2, 1.0, {});
        QCOMPARE(step.ids, (std::vector<std::int64_t> {0, 1, 2}));
        compareClose(std::exp(step.scores[0]), .833333, 1e-6);
        compareClose(std::exp(step.scores[1]), 3.0, 1e-6);
        compareClose(std::exp(step.scores[2]), .75, 1e-6);
        const std::vector<double> chances = shares(step.scores);
        compareClose(chances[0], .181818, 1e-6);
        compareClose(chances[1], .654545, 1e-6);
        compareClose(chances[2], .163636, 1e-6);
        QCOMPARE(plausibleTokens(tuned, base, 0.11, 1.0, {}).ids.size(), std::size_t {3});
        QCOMPARE(plausibleTokens(tuned, base, 0.09, 1.0, {}).ids.size(), std::size_t {4});
        QCOMPARE(plausibleTokens(tuned, base, 0.0, 1.0, {}).ids.size(), std::size_t {4});
    }

    void whatIsSwitchedOffNeitherComesNorCounts()
    {
        const Plausible step = plausibleTokens(logOf({.9F, .055F, .035F, .01F}),
                                               logOf({.25F, .25F, .25F, .25F}), 0.5, 1.0, {0});
        QCOMPARE(step.ids, (std::vector<std::int64_t> {1, 2}));
    }

    void withoutContrastItIsSamplingFromTheTunedModel()
    {
        const std::vector<float> p {.5F, .3F, .15F, .05F};
        const Plausible step = plausibleTokens(logOf(p), logOf({.1F, .2F, .3F, .4F}), 0.0, 0.0, {});
        const std::vector<double> chances = shares(step.scores);
        for (std::size_t i = 0; i < p.size(); ++i)
            compareClose(chances[i], static_cast<double>(p[i]), 1e-6);
    }

    void equalModelsHaveNoContrastAndChooseEvenly()
    {
        const Tuned tuned = tunedModel(0.0);
        const at::NoGradGuard noGrad;
        const at::Tensor p = lastLogProbabilities(tuned.pair().tuned(), {kBos});
        const Plausible step =
            plausibleTokens(p, lastLogProbabilities(tuned.pair().base(), {kBos}), 0.1, 1.0, {});
        for (const double score : step.scores)
            QCOMPARE(score, 0.0);
        const NumberTokenizer tokenizer;
        const ContrastSample sample = contrastOf(tuned.pair(), {kBos}, {5, 6, 7}, tokenizer, 0.1);
        QCOMPARE(sample.score, 0.0);
        QCOMPARE(sample.tokens.size(), std::size_t {3});
    }

    void alphaOneIsGreedyDecodingOfTheTunedModel()
    {
        const Tuned tuned = tunedModel(0.5);
        ContrastOptions options;
        options.alpha = 1.0;
        RandomStream random(1, "test");
        JobControl control;
        const DrawnText text =
            drawContrastive(tuned.pair(), {kBos}, 12, options, {kEos}, random, control);
        const at::NoGradGuard noGrad;
        std::vector<std::int64_t> ids {kBos};
        for (const std::int64_t id : text.ids) {
            at::Tensor p = lastLogProbabilities(*tuned.model, ids);
            p[kEos] = -1e9;
            QCOMPARE(id, p.argmax().item<std::int64_t>());
            ids.push_back(id);
        }
    }

    void theStepsAddUpToTheScoreOfTheText_data()
    {
        QTest::addColumn<int>("beams");
        QTest::newRow("plain sampling") << 1;
        QTest::newRow("four beams") << 4;
    }

    void theStepsAddUpToTheScoreOfTheText()
    {
        QFETCH(int, beams);
        const Tuned tuned = tunedModel(0.5);
        const NumberTokenizer tokenizer;
        ContrastOptions options;
        options.beams = beams;
        JobControl control;
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            RandomStream random(seed, "test");
            const DrawnText text =
                drawContrastive(tuned.pair(), {kBos}, 40, options, {kEos}, random, control);
            QCOMPARE(text.ids.size(), std::size_t {40});
            QVERIFY(std::find(text.ids.begin(), text.ids.end(), kEos) == text.ids.end());
            compareClose(contrastOf(tuned.pair(), {kBos}, text.ids, tokenizer, 0.1).score,
                         text.score, 1e-4);
        }
    }

    void cachedAndUncachedGenerationAgreeTokenByToken()
    {
        const Tuned tuned = tunedModel(0.5);
        const ContrastPair pair = tuned.pair();
        ContrastOptions options;
        RandomStream random(4, "test");
        JobControl control;
        const DrawnText text = drawContrastive(pair, {kBos, 7}, 20, options, {}, random, control);

        const at::NoGradGuard noGrad;
        RandomStream again(4, "test");
        std::vector<std::int64_t> ids {kBos, 7};
        for (const std::int64_t id : text.ids) {
            const at::Tensor q = lastLogProbabilities(pair.base(), ids);
            const at::Tensor p = lastLogProbabilities(pair.tuned(), ids);
            const Plausible step = plausibleTokens(p, q, options.alpha, options.gamma, {});
            const std::vector<double> chances = shares(step.scores);
            double left = again.uniform();
            std::size_t place = 0;
            while (place + 1 < chances.size() && left >= chances[place])
                left -= chances[place++];
            QCOMPARE(step.ids[place], id);
            ids.push_back(id);
        }
    }

    void samplingFollowsTheScores()
    {
        // The first token of many texts against softmax(score): chi-square stays under its 99.9 %
        // bound.
        const Tuned tuned = tunedModel(0.2);
        const at::NoGradGuard noGrad;
        const at::Tensor q = lastLogProbabilities(tuned.pair().base(), {kBos});
        const at::Tensor p = lastLogProbabilities(tuned.pair().tuned(), {kBos});
        ContrastOptions options;
        options.alpha = 0.3;
        const Plausible step = plausibleTokens(p, q, options.alpha, options.gamma, {});
        const std::vector<double> chances = shares(step.scores);
        QVERIFY(chances.size() >= 3);
        std::map<std::int64_t, int> counts;
        const int draws = 400;
        RandomStream random(5, "test");
        JobControl control;
        for (int i = 0; i < draws; ++i)
            ++counts[drawContrastive(tuned.pair(), {kBos}, 1, options, {}, random, control)
                         .ids.front()];
        double chiSquare = 0.0;
        for (std::size_t i = 0; i < chances.size(); ++i) {
            const double expected = draws * chances[i];
            const double difference = counts[step.ids[i]] - expected;
            chiSquare += difference * difference / expected;
        }
        const auto degrees = static_cast<double>(chances.size() - 1);
        const double bound =
            degrees * std::pow(1 - 2 / (9 * degrees) + 3.09 * std::sqrt(2 / (9 * degrees)), 3);
        QVERIFY2(chiSquare < bound, qPrintable(QString::number(chiSquare)));
    }

    void beamsFindTextsThatScoreHigher()
    {
        const Tuned tuned = tunedModel(0.5);
        JobControl control;
        double plain = 0.0;
        double beamed = 0.0;
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            ContrastOptions options;
            RandomStream one(seed, "one");
            plain += drawContrastive(tuned.pair(), {kBos}, 24, options, {}, one, control).score;
            options.beams = 4;
            RandomStream four(seed, "four");
            beamed += drawContrastive(tuned.pair(), {kBos}, 24, options, {}, four, control).score;
        }
        QVERIFY2(beamed > plain,
                 qPrintable(QStringLiteral("%1 against %2").arg(beamed).arg(plain)));
    }

    void textsStreamAndDependOnSeedAndPlaceOnly()
    {
        const Tuned tuned = tunedModel(0.5);
        const NumberTokenizer tokenizer;
        ContrastOptions options;
        options.length = 9;
        options.texts = 3;
        options.prefix = "<10><11>";
        JobControl control;
        std::vector<ContrastSample> seen;
        const auto all =
            generateContrastive(tuned.pair(), tokenizer, options, control,
                                [&](const ContrastSample& sample) { seen.push_back(sample); });
        QVERIFY(seen == all);
        QCOMPARE(all.size(), std::size_t {3});
        QCOMPARE(all[0].tokens.size(), std::size_t {8});
        QCOMPARE(all[0].tokens[0].chances.size(), std::size_t {20});
        QVERIFY(all[0].tokens[0].plausible >= 1);
        QVERIFY(all[0].tokens != all[1].tokens);
        options.texts = 2;
        const auto again = generateContrastive(tuned.pair(), tokenizer, options, control, {});
        QVERIFY(again[1] == all[1]);
    }

    void aStopKeepsWhatIsThere()
    {
        const Tuned tuned = tunedModel(0.5);
        const NumberTokenizer tokenizer;
        ContrastOptions options;
        options.length = 4;
        JobControl control;
        const auto all = generateContrastive(tuned.pair(), tokenizer, options, control,
                                             [&](const ContrastSample&) { control.stop(); });
        QCOMPARE(all.size(), std::size_t {1});
    }

    void aTokenizerWithoutABeginningNeedsAPrefix()
    {
        const Tuned tuned = tunedModel(0.5);
        NumberTokenizer tokenizer;
        tokenizer.hasSpecials = false;
        ContrastOptions options;
        options.length = 3;
        options.texts = 1;
        JobControl control;
        QVERIFY_THROWS_EXCEPTION(
            Error, generateContrastive(tuned.pair(), tokenizer, options, control, {}));
        options.prefix = "<10>";
        QCOMPARE(generateContrastive(tuned.pair(), tokenizer, options, control, {}).size(),
                 std::size_t {1});
    }
};

QTEST_APPLESS_MAIN(TestContrast)
#include "tst_contrast.moc"
