// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/experiment/document.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace tw;

class TestDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDocumentComesBackAsItWas();
    void whatIsLeftOutHasItsDefault();
    void wrongFormIsAProblemAtItsField_data();
    void wrongFormIsAProblemAtItsField();
    void allProblemsAreFoundAtOnce();
    void whatIsNoExperimentIsRefused_data();
    void whatIsNoExperimentIsRefused();
    void relativePathsAreRelativeToTheDocument();
    void differencesNameTheFields();
};

namespace {

Experiment unusual()
{
    Experiment e;
    e.name = "Größe \"7\"";
    e.model = "/models/tiny";
    e.train = {"/data/train.csv", {{"question", "prompt"}, {"reply", "answer"}}, 100};
    e.heldOut = {"/data/held.csv", {}, 0};
    e.heldOutShare = 0.25;
    e.general.path = "/data/general.txt";
    e.layout = "alpaca";
    e.system = "Be brief.";
    e.maxLength = 77;
    e.groupByLength = true;
    e.adaptations = {{"lora",
                      {{"attn.q", "0-3"}, {"mlp.up", "1,3"}},
                      {{"rank", std::int64_t {4}}, {"alpha", 8.5}, {"rslora", true}}},
                     {"lora", {{"attn.v", "0"}}, {{"init", std::string("zero")}}}};
    e.objective = {"supervised", {{"smoothing", 0.1}}};
    e.optimizer = {"adamw", {{"lr", 1e-3}}};
    e.schedule = {"linear", {{"warmup", std::int64_t {5}}}};
    e.steps = 12;
    e.batchRows = 2;
    e.accumulation = 3;
    e.evaluateEvery = 4;
    e.checkpointEvery = 6;
    e.keepCheckpoints = 1;
    e.seed = 123456789012345;
    e.device = "cpu";
    e.threads = 2;
    return e;
}

} // namespace

void TestDocument::aDocumentComesBackAsItWas()
{
    QCOMPARE(experimentFrom(toJsonText(unusual()), "here"), unusual());
    QCOMPARE(experimentFrom(toJsonText(Experiment {}), "here"), Experiment {});
}

void TestDocument::whatIsLeftOutHasItsDefault()
{
    Experiment expected;
    expected.model = "m.gguf";
    QCOMPARE(experimentFrom(R"({"model": "m.gguf"})", "here"), expected);
}

void TestDocument::wrongFormIsAProblemAtItsField_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("field");
    const auto row = [](const char* name, const char* json, const char* field) {
        QTest::newRow(name) << QString::fromUtf8(json) << QString::fromUtf8(field);
    };
    row("a misspelt key", R"({"model": "m", "stepz": 5})", "stepz");
    row("a misspelt key within a part", R"({"model": "m", "train": {"file": "x"}})", "train.file");
    row("a misspelt key within an adaptation",
        R"({"model": "m", "adaptations": [{"methd": "lora"}]})", "adaptations[0].methd");
    row("a text for a number", R"({"model": "m", "steps": "many"})", "steps");
    row("a fraction for a whole number", R"({"model": "m", "steps": 1.5})", "steps");
    row("a number beyond 64 bits", R"({"model": "m", "seed": 18446744073709551615})", "seed");
    row("a number for a text", R"({"model": 7})", "model");
    row("a text for a flag", R"({"model": "m", "groupByLength": "yes"})", "groupByLength");
    row("a list for a part", R"({"model": "m", "train": []})", "train");
    row("a part for the list of adaptations", R"({"model": "m", "adaptations": {}})",
        "adaptations");
    row("a list as a setting", R"({"model": "m", "optimizer": {"settings": {"lr": [1]}}})",
        "optimizer.settings.lr");
    row("a number as a role", R"({"model": "m", "train": {"roles": {"a": 1}}})", "train.roles.a");
    row("null", R"({"model": "m", "steps": null})", "steps");
}

void TestDocument::wrongFormIsAProblemAtItsField()
{
    QFETCH(QString, json);
    QFETCH(QString, field);
    const ParsedExperiment parsed = parseExperiment(json.toStdString(), "here");
    QCOMPARE(parsed.problems.size(), std::size_t {1});
    QCOMPARE(QString::fromStdString(parsed.problems.front().field), field);
    QVERIFY(!parsed.problems.front().what.empty());
    QVERIFY_THROWS_EXCEPTION(Error, experimentFrom(json.toStdString(), "here"));
}

void TestDocument::allProblemsAreFoundAtOnce()
{
    const auto parsed = parseExperiment(
        R"({"model": 1, "steps": "x", "nonsense": 2, "train": {"limit": "all"}})", "here");
    QCOMPARE(parsed.problems.size(), std::size_t {4});
}

void TestDocument::whatIsNoExperimentIsRefused_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty") << QString();
    QTest::newRow("not JSON") << QStringLiteral("model: x");
    QTest::newRow("a list") << QStringLiteral("[1, 2]");
    QTest::newRow("another document")
        << QStringLiteral(R"({"architectures": ["LlamaForCausalLM"]})");
}

void TestDocument::whatIsNoExperimentIsRefused()
{
    QFETCH(QString, text);
    QVERIFY_THROWS_EXCEPTION(Error, parseExperiment(text.toStdString(), "here"));
}

void TestDocument::relativePathsAreRelativeToTheDocument()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("e.json")).toStdString();
    std::ofstream(path)
        << R"({"model": "../m", "train": {"path": "data/t.csv"}, "heldOut": {"path": "/abs/h.csv"}})";
    const Experiment e = readExperiment(path);
    QCOMPARE(e.train.path, folder.filePath(QStringLiteral("data/t.csv")).toStdString());
    QCOMPARE(e.heldOut.path, std::string("/abs/h.csv"));
    QVERIFY(e.general.path.empty());
    QVERIFY(e.model.find("..") == std::string::npos);
}

void TestDocument::differencesNameTheFields()
{
    Experiment a = unusual();
    Experiment b = a;
    QVERIFY(differences(a, b).empty());
    b.steps = 13;
    b.adaptations[0].settings["rank"] = std::int64_t {16};
    b.adaptations[0].settings.erase("alpha");
    b.optimizer.settings["decay"] = 0.5;
    const std::vector<FieldDifference> expected {{"adaptations[0].settings.alpha", "8.5", ""},
                                                 {"adaptations[0].settings.rank", "4", "16"},
                                                 {"steps", "12", "13"},
                                                 {"optimizer.settings.decay", "", "0.5"}};
    QCOMPARE(differences(a, b), expected);
}

QTEST_APPLESS_MAIN(TestDocument)
#include "tst_document.moc"
