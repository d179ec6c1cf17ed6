// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/cli_process.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <fstream>

/// Commands that train nothing, on the tiny model.
class TestCli : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wrongUsageEndsWithTwo_data();
    void wrongUsageEndsWithTwo();
    void aFailureEndsWithOneAndOneSentence_data();
    void aFailureEndsWithOneAndOneSentence();
    void helpNamesEveryOption();
    void theManualPageHasEveryCommand();
    void inspectTellsKinds_data();
    void inspectTellsKinds();
    void describeGivesASchemaOfEachSetting();
    void tokenizeGoesThereAndBack();
    void tokenizeAnswersRequestLineByLine();
    void templateRendersWhatTheModelSees();
    void templateAnswersAWrongRequestWithAnError();
    void checkTellsAllProblems();
    void generateIsTheSameEachTime();
    void severalPromptsAreAnsweredAsAlone();
    void everyPromptHasItsOwnRandomNumbers();
    void promptsThatCannotBeReadAreNamed();
    void optionsWithoutEffectAreNamed();
    void generateTakesBeamsStopsAndRoundedWeights();
    void anEncoderDecoderAnswers();
    void logitsAreWrittenAndConverted();
    void aMergedModelAnswersAsWithItsAdapters();
    void whatBelongsToAModelGoesWithIt();
    void anAdapterIsWrittenAgainAndProven();
    void inspectSaysOfAnAdapterWhatItsMethodHas_data();
    void inspectSaysOfAnAdapterWhatItsMethodHas();
    void aModelBecomesAGgufFileAndThatABase();
    void virtualTokensStandBeforeTheInput();
    void perplexityOfARandomModelIsThatOfGuessing();
    void doctorMeasures();

private:
    QTemporaryDir m_folder;
    QString file(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QString write(const char* name, const QByteArray& text) const
    {
        QFile out(file(name));
        if (out.open(QIODevice::WriteOnly))
            out.write(text);
        return out.fileName();
    }
    static QString model() { return QStringLiteral(TW_FIXTURES "/experiment/tiny"); }
};

void TestCli::wrongUsageEndsWithTwo_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("an unknown command") << QStringList {QStringLiteral("train")};
    QTest::newRow("a missing argument") << QStringList {QStringLiteral("inspect")};
    QTest::newRow("an unknown option")
        << QStringList {QStringLiteral("doctor"), QStringLiteral("--fast")};
    QTest::newRow("a number that is none") << QStringList {
        QStringLiteral("doctor"), QStringLiteral("--threads"), QStringLiteral("many")};
    QTest::newRow("options that exclude each other")
        << QStringList {QStringLiteral("generate"), model(),
                        QStringLiteral("--prompt"), QStringLiteral("a"),
                        QStringLiteral("--greedy"), QStringLiteral("--temperature"),
                        QStringLiteral("1")};
    const auto generate = [](const char* name, const QStringList& more) {
        QTest::newRow(name) << QStringList {QStringLiteral("generate"), model()} + more;
    };
    const QStringList prompt {QStringLiteral("--prompt"), QStringLiteral("a")};
    const QStringList ids {QStringLiteral("--ids"), QStringLiteral("5")};
    for (const char* option : {"--top-p", "--top-k", "--min-p"})
        generate(option,
                 prompt
                     + QStringList {QStringLiteral("--greedy"), QString::fromLatin1(option),
                                    QStringLiteral("1")});
    generate("a length penalty of one beam",
             prompt + QStringList {QStringLiteral("--length-penalty"), QStringLiteral("2")});
    generate("an end of one beam",
             prompt
                 + QStringList {QStringLiteral("--beams"), QStringLiteral("1"),
                                QStringLiteral("--early-stopping"), QStringLiteral("never")});
    generate("a system message outside a chat",
             prompt + QStringList {QStringLiteral("--system"), QStringLiteral("s")});
    generate("a chat of ids", ids + QStringList {QStringLiteral("--chat")});
    generate("no probability at all",
             prompt + QStringList {QStringLiteral("--top-p"), QStringLiteral("0")});
    generate("an id that is none", {QStringLiteral("--ids"), QStringLiteral("5,a7")});
    generate("an id left out", {QStringLiteral("--ids"), QStringLiteral("5,,7")});
    QTest::newRow("neither of two options") << QStringList {QStringLiteral("tokenize"), model()};
    QTest::newRow("a device that is no device") << QStringList {
        QStringLiteral("doctor"), QStringLiteral("--device"), QStringLiteral("tpu")};
    QTest::newRow("no command") << QStringList {};
}

void TestCli::wrongUsageEndsWithTwo()
{
    QFETCH(QStringList, arguments);
    QCOMPARE(cli(arguments).code, 2);
}

void TestCli::aFailureEndsWithOneAndOneSentence_data()
{
    QTest::addColumn<QStringList>("arguments");
    const QString nowhere = QStringLiteral("/nowhere/at/all");
    QTest::newRow("a path that is not there") << QStringList {QStringLiteral("inspect"), nowhere};
    QTest::newRow("a project that is not there")
        << QStringList {QStringLiteral("runs"), QStringLiteral("--project"), nowhere};
    QTest::newRow("a model that is not there") << QStringList {
        QStringLiteral("tokenize"), nowhere, QStringLiteral("--text"), QStringLiteral("a")};
    QTest::newRow("a document that is not there") << QStringList {QStringLiteral("check"), nowhere};
    QTest::newRow("a run of no project")
        << QStringList {QStringLiteral("generate"), nowhere + QStringLiteral("#1"),
                        QStringLiteral("--prompt"), QStringLiteral("a")};
    const QString damaged = m_folder.filePath(QStringLiteral("damaged"));
    QDir().mkpath(damaged);
    QFile project(damaged + QStringLiteral("/project.tunewright"));
    QVERIFY(project.open(QIODevice::WriteOnly));
    project.write("hello\n");
    for (const char* command : {"runs", "resume", "sample"})
        QTest::addRow("%s, the project is no database", command)
            << QStringList {QString::fromLatin1(command), QStringLiteral("--project"), damaged};
    QTest::newRow("report, the project is no database")
        << QStringList {QStringLiteral("report"), QStringLiteral("--project"), damaged,
                        QStringLiteral("--out"), m_folder.filePath(QStringLiteral("r.html"))};
    QTest::newRow("a run of a project that is no database")
        << QStringList {QStringLiteral("generate"), damaged + QStringLiteral("#1"),
                        QStringLiteral("--prompt"), QStringLiteral("a")};
    const QString own = m_folder.filePath(QStringLiteral("own"));
    QDir().mkpath(own);
    QFile document(own + QStringLiteral("/experiment.json"));
    QVERIFY(document.open(QIODevice::WriteOnly));
    QTest::newRow("the sample in a folder with an experiment")
        << QStringList {QStringLiteral("sample"), QStringLiteral("--project"), own};
    const auto inputs = [&](const char* name, const char* json) {
        QTest::newRow(name) << QStringList {QStringLiteral("logits"),   model(),
                                            QStringLiteral("--inputs"), write(name, json),
                                            QStringLiteral("--out"),    file("none.safetensors")};
    };
    inputs("ids that are not whole", R"({"input_ids": [[1.5, 2]]})");
    inputs("a mask of other numbers", R"({"input_ids": [[1, 2]], "attention_mask": [[1, 7]]})");
    QTest::newRow("an unknown kind")
        << QStringList {QStringLiteral("describe"), QStringLiteral("magic")};
}

void TestCli::aFailureEndsWithOneAndOneSentence()
{
    QFETCH(QStringList, arguments);
    const CliResult result = cli(arguments);
    QCOMPARE(result.code, 1);
    QVERIFY(result.out.isEmpty());
    QVERIFY(result.err.startsWith("tunewright-cli: "));
    QCOMPARE(result.err.count('\n'), 1);
    QVERIFY(!result.err.contains("0x")); // no stack trace
}

void TestCli::helpNamesEveryOption()
{
    const CliResult all = cli({QStringLiteral("--help")});
    QCOMPARE(all.code, 0);
    for (const char* command :
         {"inspect", "describe", "tokenize", "template", "logits", "generate", "perplexity",
          "check",   "run",      "resume",   "runs",     "curves", "xray",     "convert",
          "fetch",   "merge",    "export",   "report",   "sample", "doctor"}) {
        QVERIFY2(all.out.contains(command), command);
        const CliResult one = cli({QString::fromUtf8(command), QStringLiteral("--help")});
        QCOMPARE(one.code, 0);
        QVERIFY2(one.out.contains("--help"), command);
    }
}

void TestCli::theManualPageHasEveryCommand()
{
    const CliResult page = cli({QStringLiteral("--man-page")});
    QCOMPARE(page.code, 0);
    QVERIFY(page.out.startsWith(".TH TUNEWRIGHT"));
    QCOMPARE(page.out.count("\n.SS "), 20);
    QVERIFY(page.out.contains(".SH EXIT STATUS"));
}

void TestCli::inspectTellsKinds_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("kind");
    const tw::Experiment experiment = tinyExperiment(m_folder.path().toStdString());
    QTest::newRow("a model folder") << model() << QStringLiteral("model");
    QTest::newRow("a tensor file")
        << model() + QStringLiteral("/model.safetensors") << QStringLiteral("tensors");
    QTest::newRow("a CSV") << QString::fromStdString(experiment.train.path)
                           << QStringLiteral("dataset");
    QTest::newRow("a document") << write("e.json",
                                         QByteArray::fromStdString(toJsonText(experiment)))
                                << QStringLiteral("experiment");
}

void TestCli::inspectTellsKinds()
{
    QFETCH(QString, path);
    QFETCH(QString, kind);
    const CliResult result = cli({QStringLiteral("inspect"), path, QStringLiteral("--json")});
    QCOMPARE(result.code, 0);
    const QJsonObject answer = result.json().object();
    QCOMPARE(answer.value(QStringLiteral("kind")).toString(), kind);
    if (kind == QStringLiteral("model")) {
        QVERIFY(answer.value(QStringLiteral("loads")).toBool());
        QCOMPARE(answer.value(QStringLiteral("layers")).toInt(), 2);
        QCOMPARE(answer.value(QStringLiteral("vocabulary")).toInt(), 258);
        QVERIFY(!answer.value(QStringLiteral("template")).toString().isEmpty());
    }
    if (kind == QStringLiteral("dataset"))
        QCOMPARE(answer.value(QStringLiteral("rows")).toInt(), 24);
    QVERIFY(!cli({QStringLiteral("inspect"), path}).out.isEmpty());
}

void TestCli::describeGivesASchemaOfEachSetting()
{
    const CliResult result = cli({QStringLiteral("describe"), QStringLiteral("adaptation"),
                                  QStringLiteral("lora"), QStringLiteral("--json")});
    QCOMPARE(result.code, 0);
    const QJsonObject rank = result.json()
                                 .object()
                                 .value(QStringLiteral("settings"))
                                 .toObject()
                                 .value(QStringLiteral("properties"))
                                 .toObject()
                                 .value(QStringLiteral("rank"))
                                 .toObject();
    QCOMPARE(rank.value(QStringLiteral("default")).toInt(), 8);
    QVERIFY(!rank.value(QStringLiteral("title")).toString().isEmpty());
    const CliResult all = cli({QStringLiteral("describe"), QStringLiteral("--json")});
    QVERIFY(all.json().array().size() >= 6);
}

void TestCli::tokenizeGoesThereAndBack()
{
    const CliResult result = cli({QStringLiteral("tokenize"), model(), QStringLiteral("--text"),
                                  QStringLiteral("Größe 7"), QStringLiteral("--json")});
    QCOMPARE(result.code, 0);
    const QJsonObject answer = result.json().object();
    QCOMPARE(answer.value(QStringLiteral("ids")).toArray().size(), 9); // bytes
    QCOMPARE(answer.value(QStringLiteral("decoded")).toString(), QStringLiteral("Größe 7"));
    const QString lines = write("lines.txt", "one\ntwo\n\nthree");
    const CliResult file = cli({QStringLiteral("tokenize"), model(), QStringLiteral("--file"),
                                lines, QStringLiteral("--json")});
    QCOMPARE(file.jsonLines().size(), 4);
}

void TestCli::tokenizeAnswersRequestLineByLine()
{
    const CliResult result =
        cli({QStringLiteral("tokenize"), model(), QStringLiteral("--jsonl"), QStringLiteral("-")},
            "{\"text\": \"ab<|im_end|>\"}\n{\"text\": \"a\", \"pair\": \"b\"}\n{\"decode_ids\": "
            "[0, 66, 1]}\n");
    QCOMPARE(result.code, 0);
    const auto lines = result.jsonLines();
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0].object().value(QStringLiteral("ids")).toArray().size(), 3);
    QCOMPARE(lines[0].object().value(QStringLiteral("decoded_skip_special")).toString(),
             QStringLiteral("ab"));
    QCOMPARE(lines[1].object().value(QStringLiteral("type_ids")).toArray(), (QJsonArray {0, 1}));
    QVERIFY(lines[2]
                .object()
                .value(QStringLiteral("decoded"))
                .toString()
                .startsWith(QStringLiteral("<|im_start|>")));
    QCOMPARE(
        cli({QStringLiteral("tokenize"), model(), QStringLiteral("--jsonl"), QStringLiteral("-")},
            "{\"x\": 1}\n")
            .code,
        1);
}

void TestCli::templateRendersWhatTheModelSees()
{
    const QString messages = write("m.json", R"([{"role": "user", "content": "Hi"}])");
    const CliResult result = cli({QStringLiteral("template"), model(), QStringLiteral("--messages"),
                                  messages, QStringLiteral("--generation-prompt")});
    QCOMPARE(result.code, 0);
    QCOMPARE(result.out, QByteArray("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
    const CliResult goesOn = cli(
        {QStringLiteral("template"), model(), QStringLiteral("--jsonl"), QStringLiteral("-")},
        R"({"messages": [{"role": "assistant", "content": "Once upon"}], "continue_final_message": true})"
        "\n");
    QCOMPARE(goesOn.jsonLines().at(0).object().value(QStringLiteral("text")).toString(),
             QStringLiteral("<|im_start|>assistant\nOnce upon"));
}

void TestCli::templateAnswersAWrongRequestWithAnError()
{
    const CliResult result =
        cli({QStringLiteral("template"), QStringLiteral("--jsonl"), QStringLiteral("-")},
            "{\"messages\": [], \"template\": \"{{ messages | length }}{{ bos_token }}\", "
            "\"special_tokens\": {\"bos_token\": \"<s>\"}}\n"
            "{\"messages\": [], \"template\": \"{{ raise_exception('no') }}\"}\n"
            "not json\n");
    QCOMPARE(result.code, 0);
    const auto lines = result.jsonLines();
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0].object().value(QStringLiteral("text")).toString(), QStringLiteral("0<s>"));
    QVERIFY(
        lines[1].object().value(QStringLiteral("error")).toString().contains(QStringLiteral("no")));
    QVERIFY(lines[2].object().contains(QStringLiteral("error")));
}

void TestCli::checkTellsAllProblems()
{
    tw::Experiment experiment = tinyExperiment(m_folder.path().toStdString());
    const QString good = write("good.json", QByteArray::fromStdString(toJsonText(experiment)));
    const CliResult ready = cli({QStringLiteral("check"), good, QStringLiteral("--json")});
    QVERIFY2(ready.code == 0, ready.out);
    QVERIFY(ready.json().object().value(QStringLiteral("ready")).toBool());
    experiment.steps = 0;
    experiment.train.path = "/nowhere.csv";
    QByteArray text = QByteArray::fromStdString(toJsonText(experiment));
    text.replace("\"batchRows\": 4", "\"batchRowz\": 4");
    const CliResult broken =
        cli({QStringLiteral("check"), write("broken.json", text), QStringLiteral("--json")});
    QCOMPARE(broken.code, 1);
    QSet<QString> fields;
    for (const auto& problem : broken.json().object().value(QStringLiteral("problems")).toArray())
        fields.insert(problem.toObject().value(QStringLiteral("field")).toString());
    for (const char* field : {"steps", "train.path", "batchRowz"})
        QVERIFY2(fields.contains(QString::fromUtf8(field)), field);
}

void TestCli::generateIsTheSameEachTime()
{
    const QStringList arguments {QStringLiteral("generate"),     model(),
                                 QStringLiteral("--ids"),        QStringLiteral("0,70,71"),
                                 QStringLiteral("--max-tokens"), QStringLiteral("8"),
                                 QStringLiteral("--json")};
    const QJsonObject greedy = cli(arguments).json().object();
    QVERIFY(!greedy.value(QStringLiteral("ids")).toArray().isEmpty());
    QCOMPARE(cli(arguments).json().object().value(QStringLiteral("ids")),
             greedy.value(QStringLiteral("ids")));
    const QStringList sampled = arguments
        + QStringList {QStringLiteral("--temperature"), QStringLiteral("2"),
                       QStringLiteral("--seed"), QStringLiteral("5")};
    const QJsonObject first = cli(sampled).json().object();
    QCOMPARE(cli(sampled).json().object().value(QStringLiteral("ids")),
             first.value(QStringLiteral("ids")));
    QVERIFY(first.value(QStringLiteral("tokens_per_s")).toDouble() > 0);
}

void TestCli::severalPromptsAreAnsweredAsAlone()
{
    const QStringList start {QStringLiteral("generate"), model(), QStringLiteral("--max-tokens"),
                             QStringLiteral("6"), QStringLiteral("--json")};
    const QString prompts = write("questions.txt", "one day\nin the autumn leaves\n");
    const CliResult together = cli(start + QStringList {QStringLiteral("--prompts"), prompts});
    QCOMPARE(together.code, 0);
    const QByteArrayList lines = together.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    for (const QByteArray& line : lines) {
        const QJsonObject row = QJsonDocument::fromJson(line).object();
        const QJsonObject alone =
            cli(start
                + QStringList {QStringLiteral("--prompt"),
                               row.value(QStringLiteral("prompt")).toString()})
                .json()
                .object();
        QCOMPARE(row.value(QStringLiteral("ids")), alone.value(QStringLiteral("ids")));
    }
    QCOMPARE(cli(start
                 + QStringList {QStringLiteral("--prompts"), prompts, QStringLiteral("--prompt"),
                                QStringLiteral("x")})
                 .code,
             2);
}

void TestCli::everyPromptHasItsOwnRandomNumbers()
{
    const QString prompts = write("same.txt", QByteArray("one day\n").repeated(10));
    const CliResult result = cli({QStringLiteral("generate"), model(), QStringLiteral("--prompts"),
                                  prompts, QStringLiteral("--temperature"), QStringLiteral("3"),
                                  QStringLiteral("--max-tokens"), QStringLiteral("12")});
    QCOMPARE(result.code, 0);
    QSet<QByteArray> texts;
    for (const QByteArray& line : result.out.trimmed().split('\n'))
        texts.insert(QJsonDocument(QJsonObject {{QStringLiteral("ids"),
                                                 QJsonDocument::fromJson(line).object().value(
                                                     QStringLiteral("ids"))}})
                         .toJson());
    QCOMPARE(texts.size(), 10);
    const QString late = write("late.txt", "one day\n" + QByteArray("one day ").repeated(3000));
    const CliResult refused = cli({QStringLiteral("generate"), model(), QStringLiteral("--prompts"),
                                   late, QStringLiteral("--max-tokens"), QStringLiteral("2")});
    QCOMPARE(refused.code, 1);
    QVERIFY2(refused.err.contains("line 2"), refused.err);
    QVERIFY(refused.out.isEmpty());
}

void TestCli::promptsThatCannotBeReadAreNamed()
{
    const QStringList start {QStringLiteral("generate"), model(), QStringLiteral("--prompts")};
    const CliResult empty = cli(start + QStringList {write("empty.txt", "")});
    QCOMPARE(empty.code, 1);
    QVERIFY2(empty.err.contains("empty.txt is empty"), empty.err);
    const CliResult broken = cli(start + QStringList {write("broken.txt", "one day\n\xff\xfe\n")});
    QCOMPARE(broken.code, 1);
    QVERIFY2(broken.err.contains("broken.txt line 2: is not UTF-8"), broken.err);
}

void TestCli::optionsWithoutEffectAreNamed()
{
    const auto refusal = [](const QStringList& more) {
        return cli(QStringList {QStringLiteral("generate"), model(), QStringLiteral("--prompt"),
                                QStringLiteral("a")}
                   + more)
            .err;
    };
    const QByteArray greedy =
        refusal({QStringLiteral("--greedy"), QStringLiteral("--top-k"), QStringLiteral("3")});
    QVERIFY2(greedy.contains("--greedy") && greedy.contains("--top-k"), greedy);
    const QByteArray beams = refusal({QStringLiteral("--length-penalty"), QStringLiteral("2")});
    QVERIFY2(beams.contains("--length-penalty") && beams.contains("--beams"), beams);
    const QByteArray system = refusal({QStringLiteral("--system"), QStringLiteral("s")});
    QVERIFY2(system.contains("--system") && system.contains("--chat"), system);
    const CliResult ids =
        cli({QStringLiteral("generate"), model(), QStringLiteral("--ids"), QStringLiteral("5,a7")});
    QVERIFY2(ids.err.contains("\"a7\""), ids.err);
}

void TestCli::generateTakesBeamsStopsAndRoundedWeights()
{
    const QStringList start {QStringLiteral("generate"),     model(),
                             QStringLiteral("--prompt"),     QStringLiteral("one day"),
                             QStringLiteral("--max-tokens"), QStringLiteral("12"),
                             QStringLiteral("--json")};
    const auto written = [&](const QStringList& more) {
        const CliResult result = cli(start + more);
        return result.code == 0 ? result.json().object() : QJsonObject();
    };
    const auto ids = [&](const QStringList& more) {
        return written(more).value(QStringLiteral("ids")).toArray();
    };
    const QJsonArray greedy = ids({});
    QCOMPARE(greedy.size(), 12);
    QCOMPARE(ids({QStringLiteral("--beams"), QStringLiteral("1")}), greedy);
    QVERIFY(!ids({QStringLiteral("--beams"), QStringLiteral("3"),
                  QStringLiteral("--early-stopping"), QStringLiteral("when-full")})
                 .isEmpty());
    QCOMPARE(ids({QStringLiteral("--weights"), QStringLiteral("int8")}).size(), 12);
    const QString text = written({}).value(QStringLiteral("text")).toString();
    const QString stop = text.mid(text.size() / 2, 3);
    const QString cut =
        written({QStringLiteral("--stop"), stop}).value(QStringLiteral("text")).toString();
    QVERIFY2(cut.contains(stop) && cut.size() < text.size(), qPrintable(cut));
    QCOMPARE(cli(start
                 + QStringList {QStringLiteral("--beams"), QStringLiteral("2"),
                                QStringLiteral("--temperature"), QStringLiteral("2")})
                 .code,
             1);
}

void TestCli::anEncoderDecoderAnswers()
{
    const QString t5 = QStringLiteral(TW_FIXTURES "/model/families/t5_gated");
    const CliResult beams =
        cli({QStringLiteral("generate"), t5, QStringLiteral("--ids"), QStringLiteral("5,6,7"),
             QStringLiteral("--max-tokens"), QStringLiteral("5"), QStringLiteral("--beams"),
             QStringLiteral("2"), QStringLiteral("--json")});
    QVERIFY2(beams.code == 0, beams.err);
    QVERIFY(!beams.json().object().value(QStringLiteral("ids")).toArray().isEmpty());
}

namespace {

/// An adapter that PEFT wrote, of a model with the same shapes as the tests' own.
QString adapterOfPeft(const char* name)
{
    return QStringLiteral(TW_FIXTURES "/adaptation/") + QString::fromLatin1(name);
}

} // namespace

void TestCli::aMergedModelAnswersAsWithItsAdapters()
{
    const QStringList tuned {model(), QStringLiteral("--adapter"), adapterOfPeft("plain"),
                             QStringLiteral("--adapter"), adapterOfPeft("lora_tokens_tied")};
    const QString prompts = write("prompts.txt", "one day\n\nin the autumn\n");
    const QStringList merge = QStringList {QStringLiteral("merge")} + tuned
        + QStringList {QStringLiteral("--out"), file("merged"), QStringLiteral("--prove"), prompts,
                       QStringLiteral("--json")};
    const CliResult merged = cli(merge);
    QVERIFY2(merged.code == 0, merged.err);
    const QJsonObject proof = merged.json().object();
    QVERIFY(proof.value(QStringLiteral("positions")).toInt() > 10);
    QVERIFY(proof.value(QStringLiteral("largest_difference")).toDouble() < 1e-4);
    const QStringList ask {QStringLiteral("--ids"),        QStringLiteral("5,6,7"),
                           QStringLiteral("--max-tokens"), QStringLiteral("8"),
                           QStringLiteral("--greedy"),     QStringLiteral("--json")};
    const auto ids = [&](const QStringList& which) {
        return cli(QStringList {QStringLiteral("generate")} + which + ask)
            .json()
            .object()
            .value(QStringLiteral("ids"))
            .toArray();
    };
    QCOMPARE(ids({file("merged")}), ids(tuned));
    QVERIFY(!ids(tuned).isEmpty());
    const CliResult again = cli(merge); // nothing is written over
    QCOMPARE(again.code, 1);
    QVERIFY(again.err.contains("holds something already"));
    const CliResult prompt =
        cli({QStringLiteral("merge"), model(), QStringLiteral("--adapter"),
             adapterOfPeft("prompt_tuning"), QStringLiteral("--out"), file("none")});
    QCOMPARE(prompt.code, 1);
    QVERIFY(prompt.err.contains("cannot be merged"));
    QVERIFY(!QFileInfo::exists(file("none")));
}

void TestCli::whatBelongsToAModelGoesWithIt()
{
    namespace fs = std::filesystem;
    const fs::path from = file("beside").toStdString();
    fs::copy(model().toStdString(), from, fs::copy_options::recursive);
    const std::vector<const char*> beside {"preprocessor_config.json", "modules.json", "LICENSE",
                                           "1_Pooling/config.json",
                                           "additional_chat_templates/rag.jinja"};
    const std::vector<const char*> others {"train.txt", "README.md", "notes/config.json"};
    for (const auto& names : {beside, others})
        for (const char* name : names) {
            fs::create_directories((from / name).parent_path());
            std::ofstream(from / name) << "{}";
        }
    const CliResult merged =
        cli({QStringLiteral("merge"), file("beside"), QStringLiteral("--out"), file("copied")});
    QVERIFY2(merged.code == 0, merged.err);
    const fs::path to = file("copied").toStdString();
    for (const char* name : beside)
        QVERIFY2(fs::exists(to / name), name);
    for (const char* name : others)
        QVERIFY2(!fs::exists(to / name), name);
}

void TestCli::anAdapterIsWrittenAgainAndProven()
{
    const QStringList start {QStringLiteral("export"),    model(),
                             QStringLiteral("--format"),  QStringLiteral("peft"),
                             QStringLiteral("--adapter"), adapterOfPeft("prompt_tuning")};
    const CliResult written =
        cli(start + QStringList {QStringLiteral("--out"), file("again"), QStringLiteral("--json")});
    QVERIFY2(written.code == 0, written.err);
    QVERIFY(written.json().object().value(QStringLiteral("largest_difference")).toDouble() < 1e-6);
    QVERIFY(QFileInfo::exists(file("again") + QStringLiteral("/adapter_model.safetensors")));
    const CliResult two = cli(start
                              + QStringList {QStringLiteral("--adapter"), adapterOfPeft("plain"),
                                             QStringLiteral("--out"), file("two")});
    QCOMPARE(two.code, 1);
    QVERIFY(two.err.contains("holds one adapter"));
}

void TestCli::inspectSaysOfAnAdapterWhatItsMethodHas_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QJsonValue>("rank");
    QTest::addColumn<QJsonValue>("alpha");
    const QJsonValue none(QJsonValue::Null);
    QTest::newRow("lora") << adapterOfPeft("lora_embedding") << QJsonValue(3) << QJsonValue(5);
    QTest::newRow("loha") << adapterOfPeft("loha") << QJsonValue(4) << QJsonValue(6);
    QTest::newRow("adalora") << adapterOfPeft("adalora") << QJsonValue(5) << QJsonValue(3);
    QTest::newRow("vera") << adapterOfPeft("vera") << QJsonValue(6) << none;
    QTest::newRow("ia3") << adapterOfPeft("ia3") << none << none;
    QTest::newRow("oft") << adapterOfPeft("oft") << none << none; // its r is a number of blocks
    QTest::newRow("prefix_tuning") << adapterOfPeft("prefix_tuning") << none << none;
    QTest::newRow("vera in .bin") << adapterOfPeft("encoders/old_file") << QJsonValue(3) << none;
    QTest::newRow("lora by its file") << adapterOfPeft("lora_embedding/adapter_model.safetensors")
                                      << QJsonValue(3) << QJsonValue(5);
}

void TestCli::inspectSaysOfAnAdapterWhatItsMethodHas()
{
    QFETCH(QString, path);
    QFETCH(QJsonValue, rank);
    QFETCH(QJsonValue, alpha);
    const QJsonObject said =
        cli({QStringLiteral("inspect"), path, QStringLiteral("--json")}).json().object();
    QCOMPARE(said.value(QStringLiteral("kind")).toString(), QStringLiteral("adapter"));
    QVERIFY(said.contains(QStringLiteral("rank")));
    QCOMPARE(said.value(QStringLiteral("rank")), rank);
    QCOMPARE(said.value(QStringLiteral("alpha")), alpha);
    QVERIFY(said.value(QStringLiteral("parameters")).toInt() > 0);
    QVERIFY(!said.value(QStringLiteral("base_model")).toString().isEmpty());
    const QByteArray words = cli({QStringLiteral("inspect"), path}).out;
    QCOMPARE(words.contains("rank"), !rank.isNull());
}

void TestCli::aModelBecomesAGgufFileAndThatABase()
{
    const auto run = [](const QStringList& arguments) {
        const CliResult result = cli(arguments + QStringList {QStringLiteral("--json")});
        return result.code == 0
            ? result.json().object().value(QStringLiteral("largest_difference")).toDouble(1e9)
            : 1e9;
    };
    const auto exported = [&](const char* out, const char* type) {
        return run({QStringLiteral("export"), model(), QStringLiteral("--adapter"),
                    adapterOfPeft("plain"), QStringLiteral("--format"), QStringLiteral("gguf"),
                    QStringLiteral("--dtype"), QString::fromLatin1(type), QStringLiteral("--out"),
                    file(out)});
    };
    QVERIFY(exported("whole", "F32") < 1e-4);
    const double eight = exported("eight", "Q8_0");
    QVERIFY(eight > 0.0 && eight < exported("four", "Q4_0"));
    const QStringList found = QDir(file("whole")).entryList({QStringLiteral("*-F32.gguf")});
    QCOMPARE(found.size(), 1);
    const QString base = file("whole") + QLatin1Char('/') + found.front();
    QCOMPARE(cli({QStringLiteral("inspect"), base, QStringLiteral("--json")})
                 .json()
                 .object()
                 .value(QStringLiteral("loads"))
                 .toBool(),
             true);
    QVERIFY(run({QStringLiteral("merge"), base, QStringLiteral("--adapter"), adapterOfPeft("plain"),
                 QStringLiteral("--out"), file("twice")})
            < 1e-4);
    QCOMPARE(QDir(file("twice")).entryList({QStringLiteral("*.gguf")}).size(), 1);
    QCOMPARE(
        cli({QStringLiteral("export"), model(), QStringLiteral("--format"), QStringLiteral("gguf"),
             QStringLiteral("--dtype"), QStringLiteral("Q9"), QStringLiteral("--out"), file("no")})
            .code,
        2);
}

void TestCli::virtualTokensStandBeforeTheInput()
{
    const QString inputs = write("two.json", R"({"input_ids": [[0, 70]]})");
    const CliResult result = cli({QStringLiteral("logits"), model(), QStringLiteral("--adapter"),
                                  adapterOfPeft("prompt_tuning"), QStringLiteral("--inputs"),
                                  inputs, QStringLiteral("--out"), file("p.safetensors")});
    QVERIFY2(result.code == 0, result.err);
    const CliResult listed =
        cli({QStringLiteral("inspect"), file("p.safetensors"), QStringLiteral("--json")});
    const QJsonObject tensor =
        listed.json().object().value(QStringLiteral("tensors")).toArray().at(0).toObject();
    QCOMPARE(tensor.value(QStringLiteral("shape")).toArray(), (QJsonArray {1, 5, 258}));
}

void TestCli::logitsAreWrittenAndConverted()
{
    // A left-padded row has the logits of the row without padding, where it is attended.
    const QString inputs = write(
        "in.json",
        R"({"input_ids": [[0, 70, 71], [1, 0, 70]], "attention_mask": [[1, 1, 1], [0, 1, 1]]})");
    const CliResult result = cli({QStringLiteral("logits"), model(), QStringLiteral("--inputs"),
                                  inputs, QStringLiteral("--out"), file("l.safetensors")});
    QVERIFY2(result.code == 0, result.err);
    QFile out(file("l.safetensors"));
    QVERIFY(out.open(QIODevice::ReadOnly));
    const QByteArray bytes = out.readAll();
    quint64 header = 0;
    memcpy(&header, bytes.constData(), 8);
    const auto* logits = reinterpret_cast<const float*>(bytes.constData() + 8 + header);
    QCOMPARE(static_cast<std::size_t>(bytes.size()) - 8 - header, std::size_t {2 * 3 * 258 * 4});
    for (int v = 0; v < 258; ++v) {
        QCOMPARE(logits[3 * 258 + v], 0.0F); // not attended
        QVERIFY(std::abs(logits[v] - logits[4 * 258 + v]) < 1e-5F);
        QVERIFY(std::abs(logits[258 + v] - logits[5 * 258 + v]) < 1e-5F);
    }
    const CliResult converted = cli({QStringLiteral("convert"), file("l.safetensors"),
                                     QStringLiteral("--out"), file("c.safetensors")});
    QCOMPARE(converted.code, 0);
    const CliResult listed =
        cli({QStringLiteral("inspect"), file("c.safetensors"), QStringLiteral("--json")});
    const QJsonObject tensor =
        listed.json().object().value(QStringLiteral("tensors")).toArray().at(0).toObject();
    QCOMPARE(tensor.value(QStringLiteral("name")).toString(), QStringLiteral("logits"));
    QCOMPARE(tensor.value(QStringLiteral("shape")).toArray(), (QJsonArray {2, 3, 258}));
    const QString beyond = write("beyond.json", R"({"input_ids": [[0, 9999]]})");
    QCOMPARE(cli({QStringLiteral("logits"), model(), QStringLiteral("--inputs"), beyond,
                  QStringLiteral("--out"), file("x.safetensors")})
                 .code,
             1);
}

void TestCli::perplexityOfARandomModelIsThatOfGuessing()
{
    const QString text = write("t.txt", QByteArray("The shop opens at nine. ").repeated(20));
    const CliResult result =
        cli({QStringLiteral("perplexity"), model(), QStringLiteral("--text"), text,
             QStringLiteral("--window"), QStringLiteral("64"), QStringLiteral("--stride"),
             QStringLiteral("32"), QStringLiteral("--json")});
    QVERIFY2(result.code == 0, result.err);
    const QJsonObject answer = result.json().object();
    QVERIFY(std::abs(answer.value(QStringLiteral("nats_per_token")).toDouble() - std::log(258.0))
            < 0.5);
    QCOMPARE(answer.value(QStringLiteral("tokens")).toInt(), 24 * 20 - 1);
}

void TestCli::doctorMeasures()
{
    const CliResult result = cli({QStringLiteral("doctor"), QStringLiteral("--threads"),
                                  QStringLiteral("1"), QStringLiteral("--json")});
    QCOMPARE(result.code, 0);
    QCOMPARE(result.json().object().value(QStringLiteral("numbers")).toArray().size(), 2);
    QVERIFY(cli({QStringLiteral("doctor")}).out.contains("GFLOP/s"));
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
