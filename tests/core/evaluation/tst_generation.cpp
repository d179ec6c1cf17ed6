// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/evaluation/generation.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace tw;

namespace {

std::shared_ptr<Model> load(const char* name)
{
    JobControl control;
    return loadModel(openModelSource(std::filesystem::path(TW_FIXTURES "/model") / name), control);
}

at::Tensor nextLogits(const Model& model, const std::vector<std::int64_t>& ids)
{
    const at::NoGradGuard noGradients;
    const auto count = static_cast<std::int64_t>(ids.size());
    const at::Tensor hidden =
        model.hidden({at::tensor(ids, at::kLong), at::arange(count, at::kLong), {0, count}});
    return model.logits(hidden.narrow(0, count - 1, 1)).view({-1});
}

at::Tensor logitsOf(const std::vector<double>& probabilities)
{
    std::vector<float> logits;
    for (const double p : probabilities)
        logits.push_back(static_cast<float>(std::log(p)));
    return at::tensor(logits);
}

std::map<std::int64_t, int>
counted(const SamplingOptions& options, const at::Tensor& logits, int times)
{
    TokenChooser chooser(options);
    std::map<std::int64_t, int> counts;
    for (int i = 0; i < times; ++i)
        ++counts[chooser.choose(logits)];
    return counts;
}

} // namespace

class TestGeneration : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void scoresThatAreNoNumbersAreRefused_data()
    {
        QTest::addColumn<float>("bad");
        QTest::newRow("not a number") << std::numeric_limits<float>::quiet_NaN();
        QTest::newRow("infinite") << std::numeric_limits<float>::infinity();
    }

    void scoresThatAreNoNumbersAreRefused()
    {
        QFETCH(float, bad);
        const at::Tensor logits = at::tensor({0.5F, bad, 1.5F});
        SamplingOptions options;
        QVERIFY_EXCEPTION_THROWN(TokenChooser(options).choose(logits), Error);
        options.isGreedy = false;
        options.topK = 2;
        QVERIFY_EXCEPTION_THROWN(TokenChooser(options).choose(logits), Error);
    }

    void aTokenThatIsRuledOutIsNoError()
    {
        const at::Tensor logits = at::tensor({0.5F, -std::numeric_limits<float>::infinity(), 1.5F});
        QCOMPARE(TokenChooser(SamplingOptions {}).choose(logits), 2);
    }

    void greedyWithACacheEqualsReadingEverythingAgain_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("Llama") << "llama_gqa_bias_llama3";
        QTest::newRow("Mistral, past its window") << "mistral_sliding";
    }

    void greedyWithACacheEqualsReadingEverythingAgain()
    {
        QFETCH(QString, model);
        const auto loaded = load(qPrintable(model));
        std::vector<std::int64_t> ids {5, 17, 60};
        SamplingOptions options;
        options.maxTokens = 24;
        std::vector<std::int64_t> streamed;
        JobControl control;
        const Generation result = generate(
            *loaded, ids, options, [&](std::int64_t id) { streamed.push_back(id); }, control);
        QCOMPARE(result.ids.size(), std::size_t(24));
        QCOMPARE(streamed, result.ids);
        QVERIFY(!result.endedByItself);
        for (const std::int64_t id : result.ids) {
            QCOMPARE(id, nextLogits(*loaded, ids).argmax().item<std::int64_t>());
            ids.push_back(id);
        }
    }

    void aStopIdEndsTheAnswer()
    {
        const auto model = load("llama_plain");
        SamplingOptions options;
        options.maxTokens = 10;
        JobControl control;
        const auto free = generate(*model, {1, 2}, options, {}, control).ids;
        options.stopIds = {free[3]};
        const Generation stopped = generate(*model, {1, 2}, options, {}, control);
        const auto first = std::find(free.begin(), free.end(), free[3]);
        QCOMPARE(stopped.ids, std::vector<std::int64_t>(free.begin(), first + 1));
        QVERIFY(stopped.endedByItself);
    }

    void theContextIsNeverLeft()
    {
        const auto model = load("llama_plain"); // reads 256 tokens
        SamplingOptions options;
        options.maxTokens = 100;
        JobControl control;
        const std::vector<std::int64_t> long250(250, 3);
        QCOMPARE(generate(*model, long250, options, {}, control).ids.size(), std::size_t(6));
        const std::vector<std::int64_t> full(256, 3);
        QVERIFY_THROWS_EXCEPTION(Error, generate(*model, full, options, {}, control));
    }

    void stoppingKeepsAndCancellingDrops()
    {
        const auto model = load("llama_plain");
        SamplingOptions options;
        options.maxTokens = 50;
        JobControl stopping;
        const auto some =
            generate(*model, {1}, options, [&](std::int64_t) { stopping.stop(); }, stopping);
        QCOMPARE(some.ids.size(), std::size_t(1));
        JobControl cancelling;
        QVERIFY_THROWS_EXCEPTION(
            Cancelled,
            generate(*model, {1}, options, [&](std::int64_t) { cancelling.cancel(); }, cancelling));
    }

    void theSameSeedSaysTheSame()
    {
        const auto model = load("llama_plain");
        SamplingOptions options;
        options.isGreedy = false;
        options.maxTokens = 20;
        JobControl control;
        const auto first = generate(*model, {1}, options, {}, control).ids;
        QCOMPARE(generate(*model, {1}, options, {}, control).ids, first);
        options.seed = 8;
        QVERIFY(generate(*model, {1}, options, {}, control).ids != first);
    }

    void samplesFollowTheProbabilities()
    {
        SamplingOptions options;
        options.isGreedy = false;
        const auto counts = counted(options, logitsOf({0.5, 0.3, 0.15, 0.05}), 20000);
        QVERIFY(std::abs(counts.at(0) - 10000) < 300); // 4 standard deviations
        QVERIFY(std::abs(counts.at(3) - 1000) < 130);
    }

    void theTemperatureSharpens()
    {
        SamplingOptions options;
        options.isGreedy = false;
        options.temperature = 0.5; // probabilities squared: 0.25 to 0.09 to ...
        const auto counts = counted(options, logitsOf({0.5, 0.3, 0.2}), 20000);
        QVERIFY(std::abs(counts.at(0) - 20000 * 0.25 / 0.38) < 300);
    }

    void topKAndTopPCutTheTail()
    {
        SamplingOptions options;
        options.isGreedy = false;
        options.topK = 2;
        QCOMPARE(counted(options, logitsOf({0.1, 0.4, 0.2, 0.3}), 2000).size(), std::size_t(2));
        options.topK = 0;
        options.topP = 0.7; // 0.4 + 0.3 reach it
        const auto counts = counted(options, logitsOf({0.1, 0.4, 0.19, 0.31}), 2000);
        QCOMPARE(counts.size(), std::size_t(2));
        QVERIFY(counts.contains(1) && counts.contains(3));
        options.topP = 0.01;
        QCOMPARE(counted(options, logitsOf({0.1, 0.4, 0.2, 0.3}), 100).size(), std::size_t(1));
    }

    void settingsThatMakeNoSenseAreRefused()
    {
        SamplingOptions options;
        options.isGreedy = false;
        options.temperature = 0.0;
        QVERIFY_THROWS_EXCEPTION(Error, checkSampling(options));
        options.temperature = 1.0;
        options.topP = 0.0;
        QVERIFY_THROWS_EXCEPTION(Error, checkSampling(options));
        options.topP = 1.0;
        options.topK = -1;
        QVERIFY_THROWS_EXCEPTION(Error, checkSampling(options));
        options.topK = 0;
        options.maxTokens = 0;
        QVERIFY_THROWS_EXCEPTION(Error, checkSampling(options));
    }

    void bytesBecomeWholeCharacters()
    {
        Utf8Stream stream;
        QCOMPARE(stream.add("a\xF0\x9F"), std::string("a"));
        QCOMPARE(stream.add("\x98"), std::string());
        QCOMPARE(stream.add("\x80!"), std::string("\xF0\x9F\x98\x80!"));
        QCOMPARE(stream.add("\xC3"), std::string());
        QCOMPARE(stream.rest(), std::string("\xEF\xBF\xBD"));
        QCOMPARE(stream.rest(), std::string());
    }
};

QTEST_APPLESS_MAIN(TestGeneration)
#include "tst_generation.moc"
