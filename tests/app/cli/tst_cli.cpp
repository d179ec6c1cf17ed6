// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/cli_process.h"
#include "tests/core/workbench/tiny_experiment.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

/// Commands that train nothing, on the tiny model.
class TestCli : public QObject, private CliFolder
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
    void doctorMeasures();
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
