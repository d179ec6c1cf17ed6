// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/workspace.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <functional>
#include <set>

using namespace tw;

using Break = std::function<void(Experiment&, const std::filesystem::path&)>;
Q_DECLARE_METATYPE(Break)

class TestCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aGoodExperimentHasNoProblem();
    void aBrokenExperimentIsToldAtItsField_data();
    void aBrokenExperimentIsToldAtItsField();
    void aDoubtfulExperimentIsWarnedOfAndRuns_data();
    void aDoubtfulExperimentIsWarnedOfAndRuns();
    void allProblemsComeAtOnce_data();
    void allProblemsComeAtOnce();
    void theProofCountsRowsOfEachKind();
    void aColumnSaysWhichPartARowBelongsTo();
    void aRowShowsWhatIsTrainedAndWhatIsCut();
    void thePlanCountsTrainedParameters();
    void thePlanCountsRanksOfSingleModules();
    void thePlanCountsTheHeadOfATask();

private:
    QTemporaryDir m_folder;
    std::filesystem::path folder() const { return m_folder.path().toStdString(); }
    static CheckReport check(const Experiment& experiment)
    {
        return Workspace(1).check(experiment).result.get();
    }
};

void TestCheck::aGoodExperimentHasNoProblem()
{
    const CheckReport report = check(tinyExperiment(folder()));
    for (const Problem& problem : report.problems)
        qWarning("%s: %s", problem.field.c_str(), problem.what.c_str());
    QVERIFY(report.problems.empty());
    QCOMPARE(report.train.rows, 24);
    QCOMPARE(report.heldOut.rows, 6);
    QVERIFY(report.train.trainedTokens > 24 * 5);
    QVERIFY(report.train.trainedTokens < report.train.tokens);
}

void TestCheck::aBrokenExperimentIsToldAtItsField_data()
{
    QTest::addColumn<Break>("breakIt");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, Break breakIt, const char* field, const char* words) {
        QTest::newRow(name) << std::move(breakIt) << QString::fromUtf8(field)
                            << QString::fromUtf8(words);
    };
    using Path = std::filesystem::path;
    row(
        "a single step at a rate of 0",
        [](Experiment& e, const Path&) {
            e.steps = 1;
            e.schedule.settings["warmupSteps"] = std::int64_t {3};
        },
        "schedule", "learn nothing");
    row("no model", [](Experiment& e, const Path&) { e.model.clear(); }, "model", "No model");
    row(
        "a model that is not there", [](Experiment& e, const Path&) { e.model = "/nowhere/m"; },
        "model", "/nowhere/m");
    row(
        "a model that continues nothing",
        [](Experiment& e, const Path&) { e.model = TW_FIXTURES "/model/families/bert"; }, "model",
        "BertModel does not continue text");
    row(
        "no training data", [](Experiment& e, const Path&) { e.train.path.clear(); }, "train.path",
        "No training data");
    row(
        "training data that are not there",
        [](Experiment& e, const Path&) { e.train.path = "/nowhere/t.csv"; }, "train.path",
        "/nowhere/t.csv");
    row(
        "a column that the file lacks",
        [](Experiment& e, const Path&) { e.train.roles = {{"reply", "answer"}}; }, "train.path",
        "no column \"reply\"");
    row(
        "a part that no row belongs to",
        [](Experiment& e, const Path&) { e.train.where = {{"question", "nobody asks"}}; },
        "train.path", "nobody asks");
    row(
        "a part by a column that the file lacks",
        [](Experiment& e, const Path&) { e.heldOut.where = {{"split", "test"}}; }, "heldOut.path",
        "split");
    row(
        "an unknown role",
        [](Experiment& e, const Path&) { e.train.roles = {{"question", "input"}}; }, "train.path",
        "input");
    row(
        "a prompt without answer",
        [](Experiment& e, const Path&) { e.train.roles = {{"question", "prompt"}}; }, "train.roles",
        "");
    row(
        "an unknown layout", [](Experiment& e, const Path&) { e.layout = "vicuna"; }, "layout",
        "vicuna");
    row(
        "an unknown method", [](Experiment& e, const Path&) { e.adaptations[0].method = "lorra"; },
        "adaptations[0].method", "lorra");
    row(
        "a rank below its range",
        [](Experiment& e, const Path&) { e.adaptations[0].settings["rank"] = std::int64_t {0}; },
        "adaptations[0].settings.rank", "");
    row(
        "a setting that does not exist",
        [](Experiment& e, const Path&) { e.adaptations[0].settings["rnak"] = std::int64_t {4}; },
        "adaptations[0].settings.rnak", "");
    row(
        "a site that does not exist",
        [](Experiment& e, const Path&) { e.adaptations[0].sites = {{"attn.x", "0"}}; },
        "adaptations[0].sites", "attn.x");
    row(
        "a layer that the model lacks",
        [](Experiment& e, const Path&) { e.adaptations[0].sites = {{"attn.q", "0-7"}}; },
        "adaptations[0].sites.attn.q", "");
    row(
        "layers that are no list",
        [](Experiment& e, const Path&) { e.adaptations[0].sites = {{"attn.q", "first"}}; },
        "adaptations[0].sites", "first");
    row(
        "no adaptation", [](Experiment& e, const Path&) { e.adaptations.clear(); }, "adaptations",
        "Nothing is trained");
    row(
        "a second adaptation at a place that is not there",
        [](Experiment& e, const Path&) {
            e.adaptations.push_back(e.adaptations[0]);
            e.adaptations[1].sites = {{"attn.qkv", "0"}};
        },
        "adaptations[1].sites.attn.qkv", "no attn.qkv");
    row(
        "an adapter to go on from that is not there",
        [](Experiment& e, const Path&) { e.adaptations[0].from = "/nowhere"; },
        "adaptations[0].from", "no adapter");
    row(
        "a rate of nothing", [](Experiment& e, const Path&) { e.adaptations[0].rate = 0.0; },
        "adaptations[0].rate", "above 0");
    row(
        "an unknown objective", [](Experiment& e, const Path&) { e.objective.method = "magic"; },
        "objective.method", "magic");
    row(
        "a learning rate that is a text",
        [](Experiment& e, const Path&) {
            e.optimizer.settings["learningRate"] = std::string("fast");
        },
        "optimizer.settings.learningRate", "");
    row(
        "a negative learning rate",
        [](Experiment& e, const Path&) { e.optimizer.settings["learningRate"] = -0.1; },
        "optimizer.settings.learningRate", "");
    row(
        "an unknown schedule", [](Experiment& e, const Path&) { e.schedule.method = "zigzag"; },
        "schedule.method", "zigzag");
    row("no steps", [](Experiment& e, const Path&) { e.steps = 0; }, "steps", "between");
    row(
        "a batch of nothing", [](Experiment& e, const Path&) { e.batchRows = 0; }, "batchRows",
        "between");
    row(
        "a share beyond all", [](Experiment& e, const Path&) { e.heldOutShare = 1.5; },
        "heldOutShare", "between");
    row(
        "rows longer than the context", [](Experiment& e, const Path&) { e.maxLength = 4096; },
        "maxLength", "256");
    row(
        "a GPU that is not there", [](Experiment& e, const Path&) { e.device = "cuda:0"; },
        "device", "CPU");
    row(
        "answers behind the length limit", [](Experiment& e, const Path&) { e.maxLength = 8; },
        "maxLength", "would learn nothing");
    row(
        "answers that are all empty",
        [](Experiment& e, const Path& folder) {
            std::ofstream(folder / "empty.csv") << "question,answer\nWhy?,\nHow?,\n";
            e.train.path = (folder / "empty.csv").string();
        },
        "train.roles", "would learn nothing");
    row(
        "virtual tokens that fill a table of positions",
        [](Experiment& e, const Path&) {
            e.model = TW_FIXTURES "/model/families/gpt2";
            e.maxLength = 40; // of 64 tokens, of which 30 are virtual
            e.adaptations = {AdaptationChoice {}};
            e.adaptations[0].method = "prefix_tuning";
        },
        "adaptations[0].settings.virtualTokens", "Shorten the rows to 34 tokens");
    row(
        "virtual tokens longer than the context",
        [](Experiment& e, const Path&) {
            e.adaptations = {AdaptationChoice {}};
            e.adaptations[0].method = "prompt_tuning";
            e.adaptations[0].settings = {{"virtualTokens", std::int64_t {900}}};
        },
        "adaptations[0].settings.virtualTokens", "900 virtual tokens");
    row(
        "a file without rows",
        [](Experiment& e, const Path& folder) {
            std::ofstream(folder / "none.csv") << "question,answer\n";
            e.train.path = (folder / "none.csv").string();
        },
        "train.path", "");
}

void TestCheck::aBrokenExperimentIsToldAtItsField()
{
    QFETCH(Break, breakIt);
    QFETCH(QString, field);
    QFETCH(QString, words);
    Experiment experiment = tinyExperiment(folder());
    breakIt(experiment, folder());
    const CheckReport report = check(experiment);
    QVERIFY(blocks(report.problems));
    QString all;
    bool isTold = false;
    for (const Problem& problem : report.problems) {
        all += QString::fromStdString(problem.field + ": " + problem.what + " " + problem.hint)
            + QLatin1Char('\n');
        isTold |= !problem.isWarning && QString::fromStdString(problem.field) == field
            && QString::fromStdString(problem.what + problem.hint).contains(words);
    }
    QVERIFY2(isTold, qPrintable(all));
}

void TestCheck::aDoubtfulExperimentIsWarnedOfAndRuns_data()
{
    QTest::addColumn<Break>("breakIt");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    using Path = std::filesystem::path;
    QTest::newRow("held-out rows that are trained on")
        << Break([](Experiment& e, const Path&) { e.heldOut = e.train; }) << "heldOut.path"
        << "24 of 24 rows held out also stand";
    QTest::newRow("nothing held out")
        << Break([](Experiment& e, const Path&) { e.heldOut.path.clear(), e.heldOutShare = 0; })
        << "heldOut.path"
        << "Nothing is held out";
    QTest::newRow("no general text")
        << Break([](Experiment& e, const Path&) { e.general.path.clear(); }) << "general.path"
        << "forgetting is not measured";
    QTest::newRow("rows that reading had to leave out") << Break([](Experiment& e,
                                                                    const Path& folder) {
        std::ofstream(folder / "bad.jsonl") << R"({"prompt": "A?", "answer": "b."})" << "\n{bad\n";
        e.train = {(folder / "bad.jsonl").string(), {}, 0};
    }) << "train.path"
                                                        << "line 2: ";
    QTest::newRow("bytes that are no UTF-8") << Break([](Experiment& e, const Path& folder) {
        std::ofstream(folder / "latin.csv") << "question,answer\nCaf\xe9?,yes.\n";
        e.heldOut = {(folder / "latin.csv").string(), {}, 0};
    }) << "heldOut.path"
                                             << "not UTF-8";
    QTest::newRow("a warm-up as long as the run")
        << Break([](Experiment& e, const Path&) { e.schedule.settings.clear(); }) << "schedule"
        << "only 50 % of what is set";
    QTest::newRow("a guess that passes over columns") << Break([](Experiment& e,
                                                                  const Path& folder) {
        std::ofstream(folder / "frage.csv")
            << "Frage;Antwort\nWann?;Wir machen um acht auf und um sechs wieder zu.\nWo?;Am Markt, "
               "gleich neben der alten Apotheke.\n";
        e.train = {(folder / "frage.csv").string(), {}, 0};
    }) << "train.roles"
                                                      << "guessed";
    QTest::newRow("an open quote behind other troubles")
        << Break([](Experiment& e, const Path& folder) {
               std::ofstream out(folder / "quote.csv");
               out << "question,answer\nA?,b.\n";
               for (int i = 0; i < 6; ++i)
                   out << "C" << i << "?,d.,surplus\n";
               out << "E?,\"f.\n";
               out.close();
               e.train = {(folder / "quote.csv").string(), {}, 0};
           })
        << "train.path"
        << "never closed";
    QTest::newRow("rows that repeat") << Break([](Experiment& e, const Path& folder) {
        std::ofstream(folder / "twice.csv") << "question,answer\nA?,b.\nA?,b.\nC?,d.\n";
        e.train.path = (folder / "twice.csv").string();
    }) << "train.path"
                                      << "1 of 3 rows repeat";
    QTest::newRow("virtual tokens before rows as long as the context")
        << Break([](Experiment& e, const Path&) {
               e.adaptations = {AdaptationChoice {}};
               e.adaptations[0].method = "prefix_tuning";
               e.maxLength = 250;
           })
        << "adaptations[0].settings.virtualTokens"
        << "longer than the model's context";
    QTest::newRow("a row without answer") << Break([](Experiment& e, const Path& folder) {
        std::ofstream(folder / "gap.csv") << "question,answer\nA?,b.\nX?,\nC?,d.\n";
        e.train.path = (folder / "gap.csv").string();
    }) << "train.path"
                                          << "1 of 3 rows";
}

void TestCheck::aDoubtfulExperimentIsWarnedOfAndRuns()
{
    QFETCH(Break, breakIt);
    QFETCH(QString, field);
    QFETCH(QString, words);
    Experiment experiment = tinyExperiment(folder());
    breakIt(experiment, folder());
    const CheckReport report = check(experiment);
    QVERIFY(!blocks(report.problems));
    bool isTold = false;
    for (const Problem& problem : report.problems)
        isTold |= QString::fromStdString(problem.field) == field
            && QString::fromStdString(problem.what).contains(words);
    QVERIFY(isTold);
}

void TestCheck::allProblemsComeAtOnce_data()
{
    QTest::addColumn<QString>("model");
    QTest::newRow("no model") << QStringLiteral("/nowhere");
    QTest::newRow("a folder without a model") << QDir::tempPath();
}

void TestCheck::allProblemsComeAtOnce()
{
    Experiment experiment = tinyExperiment(folder());
    QFETCH(QString, model);
    experiment.model = model.toStdString();
    experiment.steps = -1;
    experiment.schedule.method = "zigzag";
    experiment.train.path = "/nowhere/either";
    experiment.adaptations[0].settings["rank"] = std::int64_t {-4};
    std::set<std::string> fields;
    for (const Problem& problem : check(experiment).problems)
        fields.insert(problem.field);
    for (const char* field :
         {"model", "steps", "schedule.method", "train.path", "adaptations[0].settings.rank"})
        QVERIFY2(fields.count(field) == 1, field);
}

void TestCheck::aColumnSaysWhichPartARowBelongsTo()
{
    std::ofstream rows(folder() / "parts.csv");
    rows << "question,answer,split\n";
    for (int i = 0; i < 9; ++i)
        rows << "Q" << i << "?,A" << i << ".," << (i % 3 == 0 ? "test" : "train") << "\n";
    rows.close();
    Experiment experiment = tinyExperiment(folder());
    experiment.train.path = experiment.heldOut.path = (folder() / "parts.csv").string();
    experiment.train.roles =
        experiment.heldOut.roles = {{"question", "prompt"}, {"answer", "answer"}};
    experiment.train.where = {{"split", "train"}};
    experiment.train.limit = 5; // of those of the part
    experiment.heldOut.where = {{"split", "test"}};
    const CheckReport report = check(experiment);
    QCOMPARE(report.train.rows, 5);
    QCOMPARE(report.heldOut.rows, 3);
    QVERIFY(report.heldOut.leaked.empty());
    QCOMPARE(experimentFrom(toJsonText(experiment), "itself"), experiment);
}

void TestCheck::theProofCountsRowsOfEachKind()
{
    std::ofstream(folder() / "mixed.csv")
        << "question,answer\nA?,b.\nA?,b.\nX?,\nLong?," << std::string(300, 'x') << "\n";
    Experiment experiment = tinyExperiment(folder());
    experiment.train.path = (folder() / "mixed.csv").string();
    const CheckReport report = check(experiment);
    QCOMPARE(report.train.rows, 4);
    QCOMPARE(report.train.duplicates, std::vector<std::int64_t> {1});
    QCOMPARE(report.train.truncated, std::vector<std::int64_t> {3});
    QCOMPARE(report.train.failed.size() + report.train.nothingTrained.size(), std::size_t {1});
    QVERIFY(report.train.lengths.at(3) > 300);
}

void TestCheck::aRowShowsWhatIsTrainedAndWhatIsCut()
{
    Experiment experiment = tinyExperiment(folder());
    Workspace workspace(1);
    const RowTokens whole = workspace.rowTokens(experiment, false, 3).result.get();
    QVERIFY(whole.failure.empty());
    std::string all;
    std::string trained;
    for (const TokenView& token : whole.tokens) {
        all += token.text;
        trained += token.isTrained ? token.text : "";
        QVERIFY(!token.isCut);
    }
    QVERIFY(all.find("What is 3 and one?") != std::string::npos);
    QCOMPARE(trained, std::string("It is 4.<|im_end|>"));
    experiment.maxLength = 20;
    const RowTokens cut = workspace.rowTokens(experiment, false, 3).result.get();
    QCOMPARE(cut.tokens.size(), whole.tokens.size());
    QVERIFY(!cut.tokens[19].isCut);
    QVERIFY(cut.tokens[20].isCut);
    QVERIFY_THROWS_EXCEPTION(Error, workspace.rowTokens(experiment, false, 24).result.get());
}

void TestCheck::thePlanCountsTrainedParameters()
{
    const Experiment experiment = tinyExperiment(folder());
    Workspace workspace(1);
    const ModelSummary model = workspace.describeModel(experiment.model).result.get();
    QVERIFY2(model.loads, model.whyNot.c_str());
    const Plan plan = workspace.plan(model, experiment);
    // Rank 4 on q [32, 32] and v [16, 32] of two layers.
    QCOMPARE(plan.trainedParameters, 2 * (4 * (32 + 32) + 4 * (16 + 32)));
    QCOMPARE(plan.gradientBytes, std::uint64_t {4 * 896});
    QVERIFY(plan.totalParameters > 20'000);
    QVERIFY(plan.activationBytes > 0);
}

void TestCheck::thePlanCountsRanksOfSingleModules()
{
    Experiment experiment = tinyExperiment(folder());
    experiment.adaptations[0].settings["rankPattern"] =
        std::string("layers.1.self_attn.q_proj=2, v_proj=1");
    Workspace workspace(1);
    const ModelSummary model = workspace.describeModel(experiment.model).result.get();
    // q [32, 32] with ranks 4 and 2, v [16, 32] with 1 in both layers.
    QCOMPARE(workspace.plan(model, experiment).trainedParameters,
             (4 + 2) * (32 + 32) + 2 * 1 * (16 + 32));
}

void TestCheck::thePlanCountsTheHeadOfATask()
{
    Experiment experiment;
    experiment.adaptations.clear();
    experiment.objective.method = "sequence_classification";
    Workspace workspace(1);
    const auto planFor = [&](const char* name) {
        experiment.model = std::string(TW_FIXTURES "/model/families/") + name;
        return workspace.plan(workspace.describeModel(experiment.model).result.get(), experiment);
    };
    // A new head for two labels: pooler [24, 24] and classifier [2, 24], each with its biases.
    const Plan fresh = planFor("bert_masked");
    QCOMPARE(fresh.headParameters, 24 * 24 + 24 + 2 * 24 + 2);
    QCOMPARE(fresh.trainedParameters, fresh.headParameters);
    QVERIFY(fresh.optimizerBytes > 0);
    QCOMPARE(planFor("gpt2").headParameters, 2 * 32); // no bias
    // Its own head tells as many as it tells.
    const ModelSummary own =
        workspace.describeModel(TW_FIXTURES "/model/families/bert_sequences").result.get();
    const HeadSize head = own.heads.at("sequence_classification");
    QVERIFY(head.labels > 2);
    QCOMPARE(planFor("bert_sequences").headParameters, head.fixed + head.labels * head.perLabel);
    experiment.objective.method = "supervised";
    QCOMPARE(planFor("gpt2").headParameters, 0);
}

QTEST_GUILESS_MAIN(TestCheck)
#include "tst_check.moc"
