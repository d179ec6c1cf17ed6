// SPDX-License-Identifier: Apache-2.0
// The rows of an experiment, on real data where they are on this machine.
#include "core/experiment/parts.h"
#include "core/objective/objective.h"
#include "tests/core/data/byte_tokenizer.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace tw;

namespace {

using Texts = std::vector<std::string>;

std::filesystem::path sharedData(const char* name)
{
    return std::filesystem::path(TW_SOURCE) / "../shared/data" / name;
}

Objective objectiveFor(RowUse use)
{
    Objective objective;
    objective.id = "aim";
    objective.rows = use;
    return objective;
}

ModelConfig modelFor(ModelTask task, Texts labels = {})
{
    ModelConfig model;
    model.task = task;
    model.labels = std::move(labels);
    model.vocabularySize = 300;
    model.startId = 0;
    return model;
}

ExperimentData dataFrom(const std::string& text, const ColumnRoles& roles = {})
{
    ExperimentData data;
    data.train.dataset = datasetFromText(text, "rows.jsonl");
    data.train.roles = roles.empty() ? guessRoles(*data.train.dataset) : roles;
    for (std::int64_t i = 0; i < data.train.dataset->rowCount(); ++i)
        data.train.rows.push_back(i);
    return data;
}

ExperimentData dataOf(const char* file, std::map<std::string, std::string> roles = {})
{
    DataPart part;
    part.path = sharedData(file).string();
    part.roles = std::move(roles);
    ExperimentData data;
    data.train = openSlice(part, [](const std::string& path) { return openDataset(path); });
    return data;
}

TokenizedSlice rowsFor(const RowPlan& plan, const ExperimentData& data)
{
    Experiment experiment;
    experiment.layout = "plain";
    experiment.maxLength = 4096;
    JobControl control;
    return tokenizeSlice(
        data.train,
        rowTokenizer(experiment, plan, data.train.roles, std::make_shared<ByteTokenizer>(), {}),
        control);
}

} // namespace

class TestParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void realRowsHaveTheirLabels_data();
    void realRowsHaveTheirLabels();
    void realPronounsArePreferences();
    void realSumsAreAnswers();
    void aModelWithAnEncoderReadsThePrompt();
    void theHeadOfTheModelDecidesItsClasses();
    void labelsThatOnlyHeldOutRowsHaveAreClasses();
    void numbersThatAreNotWholeAreNoClasses();
    void readyLabelsKeepTheirNumbers();
    void wordsOfAllRowsGiveTheClasses();
    void pairsCountOnceAndAreFoundAgain();
};

void TestParts::realRowsHaveTheirLabels_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("ofSecond"); // counted with Python's csv
    QTest::newRow("sentiment") << QByteArray("few-shot/sst2/test.tsv") << 872 << 444;
    QTest::newRow("subjective") << QByteArray("few-shot/subj/train.csv") << 30 << 12;
    QTest::newRow("subjective, all") << QByteArray("few-shot/subj/test.csv") << 2000 << 1000;
}

void TestParts::realRowsHaveTheirLabels()
{
    QFETCH(QByteArray, file);
    QFETCH(int, rows);
    QFETCH(int, ofSecond);
    if (!std::filesystem::exists(sharedData(file.constData())))
        QSKIP("The real data sets are not on this machine.");
    const ExperimentData data = dataOf(file.constData());
    const RowPlan plan =
        rowPlan(objectiveFor(RowUse::Labels), {}, modelFor(ModelTask::MaskedLm), data);
    QCOMPARE(plan.labels.classes, (Texts {"0", "1"}));
    const TokenizedSlice slice = rowsFor(plan, data);
    QCOMPARE(slice.proof.rows, rows);
    QCOMPARE(slice.proof.trainedTokens, rows); // one label each
    QVERIFY2(slice.proof.failed.empty(), slice.proof.firstFailure.c_str());
    double second = 0.0;
    for (const TokenizedRow& row : slice.rows)
        second += row.labels.at(0);
    QCOMPARE(second, static_cast<double>(ofSecond));
}

void TestParts::realPronounsArePreferences()
{
    const char* file = "canonical/pronoun_gender_bias_train-val.jsonl";
    if (!std::filesystem::exists(sharedData(file)))
        QSKIP("The real data sets are not on this machine.");
    const ExperimentData data =
        dataOf(file, {{"prefix", "prompt"}, {"suffix1", "chosen"}, {"suffix2", "rejected"}});
    const RowPlan plan =
        rowPlan(objectiveFor(RowUse::Preference), {}, modelFor(ModelTask::CausalLm), data);
    const TokenizedSlice slice = rowsFor(plan, data);
    QVERIFY2(slice.proof.failed.empty(), slice.proof.firstFailure.c_str());
    QCOMPARE(slice.rows.size(), data.train.rows.size());
    QCOMPARE(drawn(slice.rows[0]), std::string("<s>{The janitor said}[ he</s>]"));
    QCOMPARE(drawn(slice.rows[0].rejected.at(0)), std::string("<s>{The janitor said}[ she</s>]"));
}

void TestParts::realSumsAreAnswers()
{
    if (!std::filesystem::exists(sharedData("gsm8k/test.jsonl")))
        QSKIP("The real data sets are not on this machine.");
    const ExperimentData data = dataOf("gsm8k/test.jsonl");
    const TokenizedSlice slice = rowsFor(
        rowPlan(objectiveFor(RowUse::Text), {}, modelFor(ModelTask::ConditionalGeneration), data),
        data);
    QCOMPARE(slice.proof.rows, 1319);
    QVERIFY2(slice.proof.failed.empty(), slice.proof.firstFailure.c_str());
    QVERIFY(ByteTokenizer().decode(slice.rows[0].source, false).starts_with("<s>Janet"));
    QVERIFY(ByteTokenizer().decode(slice.rows[0].ids, false).ends_with("#### 18</s>"));
    QCOMPARE(slice.proof.lengths.size(), std::size_t {1319});
}

void TestParts::aModelWithAnEncoderReadsThePrompt()
{
    const ExperimentData data = dataFrom(R"({"prompt": "q", "answer": "a"})");
    Objective objective = objectiveFor(RowUse::Text);
    const auto useFor = [&](ModelTask task) {
        return rowPlan(objective, {}, modelFor(task), data).use;
    };
    QCOMPARE(useFor(ModelTask::CausalLm), RowUse::Text);
    QCOMPARE(useFor(ModelTask::ConditionalGeneration), RowUse::Answer);
    objective.corrupt = [](Batch&, const Model&, const ParamValues&, const BatchMoment&,
                           RandomStream&) { };
    QCOMPARE(useFor(ModelTask::ConditionalGeneration), RowUse::Text); // it makes the source itself
    const ParamValues last {{"trainOn", std::string("lastAnswer")}};
    QCOMPARE(rowPlan(objective, last, modelFor(ModelTask::CausalLm), data).trainOn,
             TrainOn::LastAnswer);
}

void TestParts::theHeadOfTheModelDecidesItsClasses()
{
    const Objective objective = objectiveFor(RowUse::Labels);
    const ModelConfig named = modelFor(ModelTask::SequenceClassification, {"bad", "good"});
    const auto classesOf = [&](const char* label) {
        const std::string row = std::string(R"({"text": "a", "label": )") + label + "}";
        return rowPlan(objective, {}, named, dataFrom(row)).labels.classes;
    };
    QCOMPARE(classesOf("\"good\""), named.labels);
    QCOMPARE(classesOf("1"), named.labels);
    QVERIFY_THROWS_EXCEPTION(Error, classesOf("2"));
    QVERIFY_THROWS_EXCEPTION(Error, classesOf("\"fair\""));
    const ModelConfig headless = modelFor(ModelTask::MaskedLm, {"LABEL_0", "LABEL_1"});
    QCOMPARE(rowPlan(objective, {}, headless, dataFrom(R"({"text": "a", "label": "fair"})"))
                 .labels.classes,
             Texts {"fair"});
}

void TestParts::labelsThatOnlyHeldOutRowsHaveAreClasses()
{
    ExperimentData data = dataFrom(R"({"text": "a", "label": "x"})"
                                   "\n"
                                   R"({"text": "b", "label": "y"})");
    data.heldOut = data.train;
    data.train.rows = {1};
    data.heldOut.rows = {0};
    const Objective objective = objectiveFor(RowUse::Labels);
    const ModelConfig model = modelFor(ModelTask::Base);
    QCOMPARE(rowPlan(objective, {}, model, data).labels.classes, (Texts {"x", "y"}));
    data.heldOut.dataset = datasetFromText(R"({"text": "a", "label": "z"})", "other.jsonl");
    QCOMPARE(rowPlan(objective, {}, model, data).labels.classes, Texts {"y"});
}

void TestParts::numbersThatAreNotWholeAreNoClasses()
{
    const ExperimentData data = dataFrom(R"({"text": "a", "label": 1.5})"
                                         "\n"
                                         R"({"text": "b", "label": 2})");
    Objective objective = objectiveFor(RowUse::Labels);
    const ModelConfig model = modelFor(ModelTask::Base);
    QVERIFY_THROWS_EXCEPTION(Error, rowPlan(objective, {}, model, data));
    objective.learnsNumbers = true;
    const TokenizedSlice slice = rowsFor(rowPlan(objective, {}, model, data), data);
    QCOMPARE(slice.rows.at(0).labels, std::vector<double> {1.5});
    QCOMPARE(slice.rows.at(1).labels, std::vector<double> {2.0});
    const ExperimentData flags = dataFrom(R"({"text": "a", "label": [1, 0, 1]})");
    const RowPlan several = rowPlan(objectiveFor(RowUse::Labels), {}, model, flags);
    QCOMPARE(several.labels.classes.size(), std::size_t {3}); // for a head of three
    QCOMPARE(rowsFor(several, flags).rows.at(0).labels, (std::vector<double> {1.0, 0.0, 1.0}));
}

void TestParts::readyLabelsKeepTheirNumbers()
{
    const ExperimentData data = dataFrom(R"({"input_ids": [5, 6], "labels": 2})"
                                         "\n"
                                         R"({"input_ids": [7], "labels": 0})");
    const TokenizedSlice slice =
        rowsFor(rowPlan(objectiveFor(RowUse::Labels), {}, modelFor(ModelTask::Base), data), data);
    QCOMPARE(slice.rows.at(0).labels, std::vector<double> {2.0});
    const ExperimentData tokens = dataFrom(R"({"input_ids": [5, 6], "labels": [-100, 3]})");
    const RowPlan plan =
        rowPlan(objectiveFor(RowUse::TokenLabels), {}, modelFor(ModelTask::Base), tokens);
    QCOMPARE(plan.labels.classes.size(), std::size_t {4});
    QCOMPARE(rowsFor(plan, tokens).rows.at(0).tokenLabels, (std::vector<std::int64_t> {-100, 3}));
}

void TestParts::wordsOfAllRowsGiveTheClasses()
{
    const ExperimentData data = dataFrom(R"({"tokens": ["a", "b"], "ner_tags": ["O", "B-PER"]})"
                                         "\n"
                                         R"({"tokens": ["c"], "ner_tags": ["O", "O"]})"
                                         "\n"
                                         R"({"tokens": ["d"], "ner_tags": ["B-ORG"]})");
    const RowPlan plan =
        rowPlan(objectiveFor(RowUse::TokenLabels), {}, modelFor(ModelTask::Base), data);
    QCOMPARE(plan.labels.classes, (Texts {"B-ORG", "B-PER", "O"}));
    const TokenizedSlice slice = rowsFor(plan, data);
    QCOMPARE(slice.proof.failed, std::vector<std::int64_t> {1});
    QCOMPARE(slice.proof.trainedTokens, 3);
}

void TestParts::pairsCountOnceAndAreFoundAgain()
{
    const ExperimentData data = dataFrom(R"({"prompt": "q", "chosen": "a", "rejected": "b"})"
                                         "\n"
                                         R"({"prompt": "q", "chosen": "a", "rejected": "ccc"})"
                                         "\n"
                                         R"({"prompt": "q", "chosen": "a", "rejected": "b"})");
    const TokenizedSlice slice = rowsFor(
        rowPlan(objectiveFor(RowUse::Preference), {}, modelFor(ModelTask::CausalLm), data), data);
    QCOMPARE(slice.proof.duplicates, std::vector<std::int64_t> {2});
    QCOMPARE(slice.proof.lengths, (std::vector<std::int32_t> {5, 7, 5})); // the longer of the two
    QCOMPARE(slice.proof.tokens, (5 + 5) * 2 + 5 + 7);
    QCOMPARE(slice.proof.trainedTokens, (2 + 2) * 2 + 2 + 4);
}

QTEST_APPLESS_MAIN(TestParts)
#include "tst_parts.moc"
