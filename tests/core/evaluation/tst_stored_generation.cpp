// SPDX-License-Identifier: Apache-2.0
// Several texts at once, penalties and beam search against Transformers:
// tests/fixtures/model/generation/make_generation.py.

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/evaluation/beam_search.h"

#include <QTest>

using namespace tw;

namespace {

using Ids = std::vector<std::int64_t>;

const Json& cases()
{
    static const Json all =
        parseJson(readFile(TW_FIXTURES "/model/generation/generation.json", 1 << 20), "cases");
    return all;
}

std::shared_ptr<Model> load(const std::string& folder)
{
    JobControl control;
    const std::filesystem::path families = TW_FIXTURES "/model/families";
    return loadModel(openModelSource(families / folder), control);
}

SamplingOptions samplingOf(const Json& settings)
{
    SamplingOptions options;
    options.maxTokens = 20;
    options.repetitionPenalty = settings.value("repetition_penalty", 1.0);
    if (settings.at("eos_token_id").is_number())
        options.stopIds = {settings.at("eos_token_id").get<std::int64_t>()};
    return options;
}

BeamOptions beamsOf(const Json& settings)
{
    BeamOptions beams;
    beams.beams = settings.at("num_beams");
    beams.lengthPenalty = settings.value("length_penalty", 1.0);
    const Json stop = settings.value("early_stopping", Json(false));
    beams.stop = stop == Json("never") ? BeamStop::Never
        : stop == Json(true)           ? BeamStop::WhenFull
                                       : BeamStop::Heuristic;
    return beams;
}

std::vector<Ids> written(const Model& model,
                         const std::vector<Ids>& prompts,
                         const Json& settings,
                         JobControl& control)
{
    std::vector<Ids> answers;
    if (settings.contains("num_beams"))
        for (const Ids& prompt : prompts)
            answers.push_back(
                beamSearch(model, prompt, samplingOf(settings), beamsOf(settings), control).ids);
    else
        for (const Generation& made :
             generateAll(model, prompts, samplingOf(settings), {}, control))
            answers.push_back(made.ids);
    return answers;
}

} // namespace

class TestStoredGeneration : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textsEqualThoseOfTransformers_data()
    {
        QTest::addColumn<int>("place");
        for (int place = 0; place < static_cast<int>(cases().size()); ++place) {
            const Json& one = cases()[static_cast<std::size_t>(place)];
            const std::string name =
                one.at("folder").get<std::string>() + " " + one.at("settings").dump();
            QTest::addRow("%s, %d", name.c_str(), place) << place;
        }
    }

    void textsEqualThoseOfTransformers()
    {
        QFETCH(int, place);
        const Json& one = cases()[static_cast<std::size_t>(place)];
        const auto model = load(one.at("folder"));
        JobControl control;
        QCOMPARE(written(*model, one.at("prompts"), one.at("settings"), control),
                 one.at("answers").get<std::vector<Ids>>());
    }

    void textsWrittenTogetherAreThoseWrittenAlone_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"gemma3", "phi3_longrope", "opt", "falcon_rw", "t5"})
            QTest::newRow(folder) << folder;
    }

    void textsWrittenTogetherAreThoseWrittenAlone()
    {
        QFETCH(QString, folder);
        const auto model = load(folder.toStdString());
        const std::vector<Ids> prompts {{9, 30, 4}, {5, 6, 7, 8, 9, 10, 11}, {44}};
        SamplingOptions options;
        options.maxTokens = 12;
        options.isGreedy = false;
        options.temperature = 0.8;
        JobControl control;
        const auto together = generateAll(*model, prompts, options, {}, control);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            SamplingOptions own = options;
            own.seed += i;
            QCOMPARE(together[i].ids, generate(*model, prompts[i], own, {}, control).ids);
        }
    }

    void oneBeamIsGreedySearch()
    {
        const auto model = load("gpt2");
        SamplingOptions options;
        options.maxTokens = 15;
        JobControl control;
        QCOMPARE(beamSearch(*model, {7, 8, 9}, options, {1}, control).ids,
                 generate(*model, {7, 8, 9}, options, {}, control).ids);
    }

    void beamsThatMakeNoSenseAreRefused()
    {
        const auto model = load("gpt2");
        JobControl control;
        SamplingOptions sampled;
        sampled.isGreedy = false;
        QVERIFY_THROWS_EXCEPTION(Error, beamSearch(*model, {7}, sampled, {2}, control));
        QVERIFY_THROWS_EXCEPTION(Error, beamSearch(*model, {7}, {}, {0}, control));
        QVERIFY_THROWS_EXCEPTION(Error, beamSearch(*model, {7}, {}, {2, NAN}, control));
        QVERIFY_THROWS_EXCEPTION(Error, beamSearch(*model, {7}, {}, {2, 1e300}, control));
    }
};

QTEST_APPLESS_MAIN(TestStoredGeneration)
#include "tst_stored_generation.moc"
