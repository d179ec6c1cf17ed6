// SPDX-License-Identifier: Apache-2.0
#include "tests/app/cli/cli_process.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

#include <cmath>
#include <filesystem>
#include <fstream>

/// Commands that compute with a model, or make another of it.
class TestCliModels : public QObject, private CliFolder
{
    Q_OBJECT

private Q_SLOTS:
    void generateIsTheSameEachTime();
    void severalPromptsAreAnsweredAsAlone();
    void everyPromptHasItsOwnRandomNumbers();
    void promptsThatCannotBeReadAreNamed();
    void optionsWithoutEffectAreNamed();
    void generateTakesBeamsStopsAndRoundedWeights();
    void anEncoderDecoderAnswers();
    void aMergedModelAnswersAsWithItsAdapters();
    void whatBelongsToAModelGoesWithIt();
    void anAdapterIsWrittenAgainAndProven();
    void inspectSaysOfAnAdapterWhatItsMethodHas_data();
    void inspectSaysOfAnAdapterWhatItsMethodHas();
    void aModelBecomesAGgufFileAndThatABase();
    void virtualTokensStandBeforeTheInput();
    void logitsAreWrittenAndConverted();
    void perplexityOfARandomModelIsThatOfGuessing();
};

void TestCliModels::generateIsTheSameEachTime()
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

void TestCliModels::severalPromptsAreAnsweredAsAlone()
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

void TestCliModels::everyPromptHasItsOwnRandomNumbers()
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

void TestCliModels::promptsThatCannotBeReadAreNamed()
{
    const QStringList start {QStringLiteral("generate"), model(), QStringLiteral("--prompts")};
    const CliResult empty = cli(start + QStringList {write("empty.txt", "")});
    QCOMPARE(empty.code, 1);
    QVERIFY2(empty.err.contains("empty.txt is empty"), empty.err);
    const CliResult broken = cli(start + QStringList {write("broken.txt", "one day\n\xff\xfe\n")});
    QCOMPARE(broken.code, 1);
    QVERIFY2(broken.err.contains("broken.txt line 2: is not UTF-8"), broken.err);
}

void TestCliModels::optionsWithoutEffectAreNamed()
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

void TestCliModels::generateTakesBeamsStopsAndRoundedWeights()
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

void TestCliModels::anEncoderDecoderAnswers()
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

void TestCliModels::aMergedModelAnswersAsWithItsAdapters()
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

void TestCliModels::whatBelongsToAModelGoesWithIt()
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

void TestCliModels::anAdapterIsWrittenAgainAndProven()
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

void TestCliModels::inspectSaysOfAnAdapterWhatItsMethodHas_data()
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

void TestCliModels::inspectSaysOfAnAdapterWhatItsMethodHas()
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

void TestCliModels::aModelBecomesAGgufFileAndThatABase()
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

void TestCliModels::virtualTokensStandBeforeTheInput()
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

void TestCliModels::logitsAreWrittenAndConverted()
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

void TestCliModels::perplexityOfARandomModelIsThatOfGuessing()
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

QTEST_GUILESS_MAIN(TestCliModels)
#include "tst_cli_models.moc"
