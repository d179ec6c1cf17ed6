// SPDX-License-Identifier: Apache-2.0
#include "core/data/dataset.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>

using namespace tw;

namespace {

using Row = std::vector<std::string>;

std::filesystem::path sharedData(const char* name)
{
    return std::filesystem::path(TW_SOURCE) / "../shared/data" / name;
}

std::string failureOf(const std::string& text, const std::string& name)
{
    try {
        datasetFromText(text, name);
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return {};
}

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestReaders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quotedCellsMayHoldDelimitersQuotesAndLineBreaks()
    {
        const auto data = datasetFromText("\xEF\xBB\xBFprompt,answer\r\n"
                                          "\"a, \"\"b\"\"\r\nc\",d\r\n"
                                          "\r\n"
                                          "e,\"\"\r\n",
                                          "a.csv");
        QCOMPARE(data->columns(), (Row {"prompt", "answer"}));
        QCOMPARE(data->rowCount(), 2);
        QCOMPARE(data->row(0), (Row {"a, \"b\"\r\nc", "d"}));
        QCOMPARE(data->row(1), (Row {"e", ""}));
        QCOMPARE(data->lineOf(0), 2);
        QCOMPARE(data->lineOf(1), 5);
        QVERIFY(data->problems().empty());
        QCOMPARE(data->format(), std::string("CSV, comma, UTF-8"));
    }

    void theDelimiterIsGuessed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("format");
        QTest::newRow("comma") << QByteArray("q,a\n1;2,b\nx,y\n")
                               << QByteArray("CSV, comma, UTF-8");
        QTest::newRow("semicolon, commas in the text")
            << QByteArray("q;a\nWell, yes;b, c\nx;y\n") << QByteArray("CSV, semicolon, UTF-8");
        QTest::newRow("tab") << QByteArray("q\ta\nWell, yes\tb\n") << QByteArray("TSV, tab, UTF-8");
        QTest::newRow("bar") << QByteArray("q|a\nx|y\n") << QByteArray("CSV, bar, UTF-8");
        QTest::newRow("one column")
            << QByteArray("text\nhello\nworld\n") << QByteArray("CSV, comma, UTF-8");
        QTest::newRow("names, and commas at the end")
            << QByteArray("question,answer,\na,b,\n") << QByteArray("CSV, comma, UTF-8");
        QTest::newRow("a usual name beside one that is missing")
            << QByteArray("question,,answer\na,b,c\n") << QByteArray("CSV, comma, UTF-8");
        QTest::newRow("no header") << QByteArray("0,good film .\n1,bad film .\n")
                                   << QByteArray("CSV, comma, no header, UTF-8");
    }
    void columnsOfOneNameAreNumbered()
    {
        const auto data = datasetFromText("text,text,label\na,b,c\n", "a.csv");
        QCOMPARE(data->columns(), (std::vector<std::string> {"text", "text 2", "label"}));
        QCOMPARE(data->rowCount(), std::int64_t {1});
        const auto more = datasetFromText("text,text,text 2,\na,b,c,\n", "a.csv");
        const std::vector<std::string>& names = more->columns();
        QCOMPARE(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    }
    void theDelimiterIsGuessed()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, format);
        QCOMPARE(datasetFromText(text.toStdString(), "a.csv")->format(), format.toStdString());
    }

    void unevenRowsAndIllFormedBytesAreToldWithTheirLines()
    {
        const auto data = datasetFromText("a,b\n1,2,3\n4\nGr\xFC\xDF"
                                          "e,5\n",
                                          "a.csv");
        QCOMPARE(data->row(0), (Row {"1", "2"}));
        QCOMPARE(data->row(1), (Row {"4", ""}));
        QCOMPARE(data->row(2).front(),
                 std::string("Gr\xEF\xBF\xBD\xEF\xBF\xBD"
                             "e"));
        const Problems& problems = data->problems();
        QCOMPARE(problems.size(), std::size_t {3});
        QCOMPARE(problems[0].field, std::string("line 2"));
        QVERIFY(contains(problems[0].what, "3 cells where 2"));
        QCOMPARE(problems[1].field, std::string("line 3"));
        QCOMPARE(problems[2].field, std::string("line 4"));
        QVERIFY(contains(problems[2].what, "not UTF-8"));
        QVERIFY(!blocks(problems));
    }

    void aQuoteThatIsNeverClosedIsTold()
    {
        const auto data = datasetFromText("a,b\n1,2\n\"3,4\n5,6\n", "a.csv");
        QCOMPARE(data->rowCount(), 2);
        QCOMPARE(data->problems().front().field, std::string("line 3"));
        QVERIFY(blocks(data->problems()));
    }

    void jsonLinesGiveTheUnionOfTheirKeys()
    {
        const auto data = datasetFromText(
            "{\"q\": \"a\\nb\", \"n\": 1.5}\n\n{\"m\": [{\"role\": \"x\"}], \"q\": null, "
            "\"n\": true}\r\n\"plain\"\n",
            "a.jsonl");
        QCOMPARE(data->columns(), (Row {"q", "n", "m", "text"}));
        QCOMPARE(data->row(0), (Row {"a\nb", "1.5", "", ""}));
        QCOMPARE(data->row(1), (Row {"", "true", "[{\"role\":\"x\"}]", ""}));
        QCOMPARE(data->row(2), (Row {"", "", "", "plain"}));
        QCOMPARE(data->lineOf(1), 3);
    }

    void aBrokenLineIsLeftOutAndNamed()
    {
        const auto data =
            datasetFromText("{\"q\": \"a\"}\n{\"q\": \n[1]\n{\"q\": \"b\"}\n", "a.jsonl");
        QCOMPARE(data->rowCount(), 2);
        QCOMPARE(data->lineOf(1), 4);
        QCOMPARE(data->problems().size(), std::size_t {2});
        QCOMPARE(data->problems()[0].field, std::string("line 2"));
        QCOMPARE(data->problems()[1].field, std::string("line 3"));
        QVERIFY(blocks(data->problems()));
    }

    void aListInsideAnObjectHasNoLinesToName()
    {
        const auto data =
            datasetFromText("{\"version\": 1, \"rows\": [{\"q\": \"a\"}, 7]}", "a.json");
        QCOMPARE(data->rowCount(), 1);
        QCOMPARE(data->problems().front().field, std::string("file"));
        const std::string failure =
            failureOf("{\"version\": 1, \"rows\": [{\"a\": 1, \"a\": []}]}", "a.json");
        QVERIFY(!contains(failure, "line 0"));
    }

    void aFileWhoseKeysAreDataIsRefused()
    {
        std::string rows;
        for (int i = 0; i <= 10'000; ++i)
            rows += "{\"key" + std::to_string(i) + "\": 1}\n";
        QVERIFY(contains(failureOf(rows, "a.jsonl"), "more than 10,000 different keys"));
        std::string columns;
        for (int i = 0; i <= 10'000; ++i)
            columns += (i == 0 ? "{\"k" : ",\"k") + std::to_string(i) + "\":[1]";
        QVERIFY(contains(failureOf(columns + "}", "a.json"), "more than 10,000 columns"));
    }

    void columnsOfVeryDifferentLengthsAreRefusedBeforeATableIsMade()
    {
        std::string text = "{\"long\": [0";
        for (int i = 0; i < 5'000; ++i)
            text += ",0";
        text += "]";
        for (int i = 0; i < 5'000; ++i)
            text += ",\"k" + std::to_string(i) + "\":[]";
        QVERIFY(contains(failureOf(text + "}", "a.json"), "very different lengths"));
    }

    void jsonIsReadInItsUsualShapes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("columns");
        QTest::addColumn<QByteArray>("last");
        QTest::newRow("array of objects")
            << QByteArray("[\n {\"a\": \"[1]\"},\n {\"a\": 2, \"b\": {\"c\": []}} ]")
            << QByteArray("a,b") << QByteArray("2,{\"c\":[]}");
        QTest::newRow("array of texts") << QByteArray("[\"x\", \"y, \\\"z\\\"\"]")
                                        << QByteArray("text") << QByteArray("y, \"z\"");
        QTest::newRow("object of columns") << QByteArray("{\"a\": [1, 2], \"b\": [\"x\", \"y\"]}")
                                           << QByteArray("a,b") << QByteArray("2,y");
        QTest::newRow("one list in an object") << QByteArray("{\"data\": [{\"a\": 1}, {\"a\": 3}]}")
                                               << QByteArray("a") << QByteArray("3");
        QTest::newRow("a list beside other things")
            << QByteArray("{\"version\": \"1\", \"rows\": [{\"a\": 1}, {\"a\": 3}]}")
            << QByteArray("a") << QByteArray("3");
        QTest::newRow("JSON Lines under the wrong name")
            << QByteArray("{\"a\": 1}\n{\"a\": 4}\n") << QByteArray("a") << QByteArray("4");
    }
    void jsonIsReadInItsUsualShapes()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, columns);
        QFETCH(QByteArray, last);
        const auto data = datasetFromText(text.toStdString(), "a.json");
        const auto joined = [](const Row& cells) {
            std::string all;
            for (const auto& cell : cells)
                all += (all.empty() ? "" : ",") + cell;
            return QByteArray::fromStdString(all);
        };
        QCOMPARE(joined(data->columns()), columns);
        QCOMPARE(data->rowCount(), 2);
        QCOMPARE(joined(data->row(1)), last);
    }

    void rowsOfAJsonArrayKnowTheirLines()
    {
        const auto data = datasetFromText("[\n  {\"a\": \"x\\n\"},\n\n  {\"a\": 1}\n]\n", "a.json");
        QCOMPARE(data->lineOf(0), 2);
        QCOMPARE(data->lineOf(1), 4);
    }

    void paragraphsArePartedByBlankLines()
    {
        const auto data = datasetFromText("\n One.\r\nTwo, still one.\r\n \r\n\r\nThree", "a.txt");
        QCOMPARE(data->columns(), (Row {"text"}));
        QCOMPARE(data->rowCount(), 2);
        QCOMPARE(data->row(0), (Row {" One.\nTwo, still one."}));
        QCOMPARE(data->row(1), (Row {"Three"}));
        QCOMPARE(data->lineOf(1), 6);
    }

    void whatIsNoDataSetIsRefusedWithAdvice_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("says");
        QTest::newRow("workbook") << QByteArray("PK\x03\x04rest") << "a.csv"
                                  << "spreadsheet program";
        QTest::newRow("Parquet") << QByteArray("PAR1rest") << "a.parquet"
                                 << "Convert it to CSV";
        QTest::newRow("UTF-16 with mark") << QByteArray("\xFF\xFE"
                                                        "a\0,\0",
                                                        6)
                                          << "a.csv"
                                          << "UTF-16";
        QTest::newRow("UTF-16 without mark") << QByteArray("a\0,\0b\0\n\0", 8) << "a.csv"
                                             << "UTF-16";
        QTest::newRow("empty") << QByteArray() << "a.csv"
                               << "is empty";
        QTest::newRow("only blanks") << QByteArray(" \n\n") << "a.jsonl"
                                     << "is empty";
        QTest::newRow("header alone") << QByteArray("a,b\n") << "a.csv"
                                      << "has no rows";
        QTest::newRow("no valid line") << QByteArray("{\"a\"\n") << "a.jsonl"
                                       << "line 1";
        QTest::newRow("one JSON object") << QByteArray("{\"a\": 1}") << "a.json"
                                         << "array of objects";
        QTest::newRow("broken JSON") << QByteArray("[{\"a\": 1},\n{\"a\" 2}]") << "a.json"
                                     << "line 2, column 6";
        QTest::newRow("endless nesting") << QByteArray(100'000, '[') << "a.json"
                                         << "levels deep";
        QTest::newRow("empty array") << QByteArray("[]") << "a.json"
                                     << "no rows";
    }
    void whatIsNoDataSetIsRefusedWithAdvice()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, name);
        QFETCH(QString, says);
        const std::string failure = failureOf(text.toStdString(), name.toStdString());
        QVERIFY2(contains(failure, says.toUtf8().constData()), failure.c_str());
        QVERIFY2(contains(failure, name.toUtf8().constData()), failure.c_str());
    }

    void filesAreOpenedByName()
    {
        QTemporaryDir folder;
        const std::filesystem::path path =
            folder.filePath(QStringLiteral("Data.TSV")).toStdString();
        std::ofstream(path) << "sentence\tlabel\na \"quoted\" word\t1\n";
        const auto data = openDataset(path);
        QCOMPARE(data->row(0), (Row {"a \"quoted\" word", "1"}));
        QVERIFY_THROWS_EXCEPTION(Error, openDataset(path.parent_path()));
        QVERIFY_THROWS_EXCEPTION(Error, openDataset(path.parent_path() / "absent.csv"));
    }

    void rolesFollowNamesAndContents_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("roles");
        QTest::newRow("Alpaca") << QByteArray(
            R"({"instruction": "a", "output": "b", "system": "s"})")
                                << QByteArray("instruction=prompt output=answer system=system");
        QTest::newRow("chat") << QByteArray(
            R"({"id": 1, "conversations": [{"from": "human", "value": "x"}]})")
                              << QByteArray("conversations=messages id=ignore");
        QTest::newRow("chat under an odd name")
            << QByteArray(R"({"turns": [{"role": "user", "content": "x"}], "text": "y"})")
            << QByteArray("text=ignore turns=messages");
        QTest::newRow("preferences")
            << QByteArray(R"({"prompt": "a", "chosen": "b", "rejected": "c"})")
            << QByteArray("chosen=chosen prompt=prompt rejected=rejected");
        const auto add = [](const char* name, const char* row, const char* roles) {
            QTest::newRow(name) << QByteArray(row) << QByteArray(roles);
        };
        add("OpenAI's preferences",
            R"({"input": {"messages": [{"role": "user", "content": "a"}]}, "preferred_output": [{"role": "assistant", "content": "b"}], "non_preferred_output": [{"role": "assistant", "content": "c"}]})",
            "input=prompt non_preferred_output=rejected preferred_output=chosen");
        add("preferences as messages",
            R"({"prompt": [{"role": "user", "content": "a"}], "chosen": [{"role": "assistant", "content": "b"}], "rejected": [{"role": "assistant", "content": "c"}]})",
            "chosen=chosen prompt=prompt rejected=rejected");
        add("preferences as whole conversations",
            R"({"prompt": "a", "chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]})",
            "chosen=chosen prompt=prompt rejected=rejected");
        add("preferred answers to nothing",
            R"({"given": {"a": 1}, "preferred_output": [{"role": "assistant", "content": "b"}], "non_preferred_output": [{"role": "assistant", "content": "c"}]})",
            "given=ignore non_preferred_output=rejected preferred_output=chosen");
        add("words with labels", R"({"id": 1, "tokens": ["a", "b"], "ner_tags": [0, 1]})",
            "id=ignore ner_tags=label tokens=words");
        add("tokens that somebody made",
            R"({"input_ids": [1], "labels": [1], "label": 0, "id": 1})",
            "id=ignore input_ids=ids label=label labels=ids");
        add("preferences as tokens",
            R"({"chosen_input_ids": [1], "chosen_labels": [1], "rejected_input_ids": [2]})",
            "chosen_input_ids=ids chosen_labels=ids rejected_input_ids=ids");
        add("preferences that bring their prompt",
            R"({"chosen": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "rejected": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]})",
            "chosen=chosen rejected=rejected");
        add("messages with weights",
            R"({"messages": [{"role": "user", "content": "a"}], "weights": [1, 0]})",
            "messages=messages weights=weights");
        add("answers that were liked", R"({"prompt": "a", "completion": "b", "desirable": true})",
            "completion=answer desirable=label prompt=prompt");
        add("two texts", R"({"premise": "a", "hypothesis": "b", "label": 1})",
            "hypothesis=text_pair label=label premise=text");
        add("two texts, one with a name for prompts", R"({"query": "a", "passage": "b"})",
            "passage=text_pair query=text");
        add("a question with its context",
            R"({"id": "1", "context": "c", "question": "a", "answers": {"text": ["b"], "answer_start": [0]}})",
            "answers=answer context=prompt id=ignore question=prompt");
        add("an instruction with its input",
            R"({"instruction": "a", "input": "", "output": "b", "history": []})",
            "history=ignore input=prompt instruction=prompt output=answer");
        add("tools of a conversation",
            R"({"messages": [{"role": "user", "content": "a"}], "tools": [{"type": "function"}]})",
            "messages=messages tools=tools");
        add("tools of a carpenter", R"({"prompt": "a", "answer": "b", "tools": "hammer"})",
            "answer=answer prompt=prompt tools=ignore");
        add("pictures of classes", R"({"image": "a.png", "label": "cat", "split": "train"})",
            "image=image label=label split=ignore");
        add("sounds", R"({"audio": "a.wav", "transcription": "hello"})",
            "audio=audio transcription=text");
        QTest::newRow("one text") << QByteArray(R"({"foo": "a long sentence", "n": 1})")
                                  << QByteArray("foo=text n=ignore");
    }
    void rolesFollowNamesAndContents()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, roles);
        std::string found;
        for (const auto& [column, role] :
             guessRoles(*datasetFromText(text.toStdString(), "a.jsonl")))
            found += (found.empty() ? "" : " ") + column + "=" + roleId(role);
        QCOMPARE(QByteArray::fromStdString(found), roles);
    }

    void roleNamesComeBack()
    {
        for (const char* id :
             {"ignore", "prompt", "answer", "system", "text", "text_pair", "words", "messages",
              "label", "weights", "ids", "chosen", "rejected", "tools", "image", "audio"})
            QCOMPARE(roleId(roleFrom(id)), id);
        QVERIFY_THROWS_EXCEPTION(Error, roleFrom("promt"));
    }

    void realFilesAreReadWhole_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<int>("rows");
        QTest::addColumn<QByteArray>("roles"); // those that are not ignored
        QTest::newRow("gsm8k train") << QByteArray("gsm8k/train.jsonl") << 7473
                                     << QByteArray("answer=answer question=prompt");
        QTest::newRow("gsm8k test") << QByteArray("gsm8k/test.jsonl") << 1319
                                    << QByteArray("answer=answer question=prompt");
        QTest::newRow("coding questions") << QByteArray("finetunebench/coding_generalization.csv")
                                          << 218 << QByteArray("answer=answer prompt=prompt");
        QTest::newRow("people") << QByteArray("finetunebench/fictional_people_memorization.csv")
                                << 150 << QByteArray("answer=answer prompt=prompt");
        QTest::newRow("medicine") << QByteArray("finetunebench/medical_memorization.csv") << 125
                                  << QByteArray("answer=answer prompt=prompt");
        QTest::newRow("sentiment, header") << QByteArray("few-shot/sst2/test.tsv") << 872
                                           << QByteArray("label=label sentence=text");
        QTest::newRow("sentiment, no header") << QByteArray("few-shot/sst2/train.tsv") << 30
                                              << QByteArray("column 1=text column 2=label");
        QTest::newRow("subjective, no header") << QByteArray("few-shot/subj/train.csv") << 30
                                               << QByteArray("column 1=label column 2=text");
        QTest::newRow("capitals") << QByteArray("canonical/country_capital_fixed-val.jsonl") << 119
                                  << QByteArray("prefix=prompt suffix=answer");
        QTest::newRow("pronouns") << QByteArray(
            "canonical/pronoun_gender_bias_hard_neg_eval-val.jsonl")
                                  << 235 << QByteArray("prefix=prompt suffix=answer");
    }
    void realFilesAreReadWhole()
    {
        QFETCH(QByteArray, file);
        QFETCH(int, rows);
        QFETCH(QByteArray, roles);
        const auto path = sharedData(file.constData());
        if (!std::filesystem::exists(path))
            QSKIP("The real data sets are not on this machine.");
        const auto data = openDataset(path);
        QCOMPARE(data->rowCount(), rows);
        QVERIFY2(data->problems().empty(),
                 data->problems().empty() ? "" : data->problems()[0].what.c_str());
        std::string found;
        for (const auto& [column, role] : guessRoles(*data)) {
            if (role != Role::Ignore)
                found += (found.empty() ? "" : " ") + column + "=" + roleId(role);
        }
        QCOMPARE(QByteArray::fromStdString(found), roles);
        for (std::int64_t i = 0; i < data->rowCount(); ++i)
            QCOMPARE(data->row(i).size(), data->columns().size());
    }
};

QTEST_APPLESS_MAIN(TestReaders)
#include "tst_readers.moc"
