// SPDX-License-Identifier: Apache-2.0
#include "core/data/role_remarks.h"
#include "core/data/row_layout.h"
#include "core/data/splits.h"

#include <QTest>

using namespace tw;

class TestRowLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAreRecognised_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("layout");
        const auto add = [](const char* layout, const char* name, const char* row) {
            QTest::newRow(name) << QByteArray(row) << QByteArray(layout);
        };
        add("messages", "role and content", R"({"messages": [{"role": "user", "content": "a"}]})");
        add("sharegpt", "from and value",
            R"({"conversations": [{"from": "human", "value": "a"}]})");
        add("preference", "chosen and rejected",
            R"({"prompt": "a", "chosen": "b", "rejected": "c"})");
        add("preference", "chosen and rejected talks",
            R"({"chosen": [{"role": "user", "content": "a"}], "rejected": [{"role": "user", "content": "b"}]})");
        add("kto", "prompt, completion, label",
            R"({"prompt": "a", "completion": "b", "label": true})");
        add("alpaca", "instruction, input, output",
            R"({"instruction": "a", "input": "", "output": "b"})");
        add("alpaca", "instruction and output", R"({"instruction": "a", "output": "b"})");
        add("completion", "prompt and completion", R"({"prompt": "a", "completion": "b"})");
        add("completion", "question and answer", R"({"question": "a", "answer": "b"})");
        add("token_labels", "tokens and tags", R"({"tokens": ["a", "b"], "ner_tags": [0, 1]})");
        add("tokens", "input_ids", R"({"input_ids": [1, 2]})");
        add("text_pairs", "premise and hypothesis",
            R"({"premise": "a", "hypothesis": "b", "label": 1})");
        add("preference", "OpenAI's preferences",
            R"({"input": {"messages": [{"role": "user", "content": "a"}]}, "preferred_output": [{"role": "assistant", "content": "b"}], "non_preferred_output": [{"role": "assistant", "content": "c"}]})");
        add("completion", "a question about a passage",
            R"({"query": "a", "passage": "b", "answer": "c"})");
        add("captions", "image and text", R"({"image": "0.png", "text": "a cat"})");
        add("transcripts", "audio and transcription",
            R"({"audio": "0.wav", "transcription": "hello"})");
        add("classification", "image, label and part",
            R"({"image": "0.png", "label": "cat", "split": "train"})");
        add("classification", "text and label", R"({"text": "good", "label": "1"})");
        add("text", "text", R"({"text": "a"})");
    }
    void rowsAreRecognised()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, layout);
        const std::string line = row.toStdString() + "\n";
        const auto data = datasetFromText(line + line, "rows.jsonl");
        QCOMPARE(QByteArray(rowLayoutId(recogniseLayout(*data, guessRoles(*data)))), layout);
    }

    void whatIsLeftOutIsSaid_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("column"); // none: nothing is said
        QTest::newRow("history") << QByteArray(
            R"({"instruction": "a", "output": "b", "history": [["q", "r"]]})")
                                 << QByteArray("column history");
        QTest::newRow("context of a conversation")
            << QByteArray(R"({"messages": [{"role": "user", "content": "a"}], "context": "c"})")
            << QByteArray("column context");
        QTest::newRow("pictures") << QByteArray(R"({"image": "0.png", "text": "a cat"})")
                                  << QByteArray("column image");
        QTest::newRow("sounds") << QByteArray(R"({"audio": "0.wav", "text": "hello"})")
                                << QByteArray("column audio");
        QTest::newRow("context in the prompt")
            << QByteArray(R"({"context": "c", "question": "a", "answer": "b"})") << QByteArray();
        QTest::newRow("an id") << QByteArray(R"({"id": 1, "prompt": "a", "answer": "b"})")
                               << QByteArray();
        QTest::newRow("a column that is empty")
            << QByteArray(R"({"prompt": "a", "answer": "b", "history": ""})") << QByteArray();
    }
    void whatIsLeftOutIsSaid()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, column);
        const auto data = datasetFromText(row.toStdString() + "\n", "rows.jsonl");
        const Problems remarks = remarksOn(*data, guessRoles(*data));
        QCOMPARE(remarks.size(), column.isEmpty() ? std::size_t {0} : std::size_t {1});
        for (const Problem& remark : remarks) {
            QCOMPARE(QByteArray::fromStdString(remark.field), column);
            QVERIFY(remark.isWarning && !remark.what.empty() && !remark.hint.empty());
        }
    }

    void partsAreNamedByTheirFiles()
    {
        QCOMPARE(splitNamed("train-00000-of-00002.parquet"), std::string("train"));
        QCOMPARE(splitNamed("my_dev.jsonl"), std::string("validation"));
        QCOMPARE(splitNamed("Testing.csv"), std::string("test"));
        QCOMPARE(splitNamed("latest.csv"), std::string());
        QCOMPARE(splitNamed("train_and_test.csv"), std::string());
        QVERIFY(isSplitFolder("val") && !isSplitFolder("train-old"));
    }

    void aColumnMaySayThePart()
    {
        const auto data = datasetFromText("text,split\na,train\nb,test\nc,train\n", "rows.csv");
        using Values = std::vector<std::pair<std::string, std::int64_t>>;
        QCOMPARE(splitValues(*data, "split"), (Values {{"train", 2}, {"test", 1}}));
        const auto train = rowsOf(data, rowsWith(*data, "split", "train"));
        QCOMPARE(train->rowCount(), 2);
        QCOMPARE(train->row(1)[0], std::string("c"));
        QCOMPARE(train->lineOf(1), 4);
        QVERIFY_THROWS_EXCEPTION(Error, rowsWith(*data, "split", "nosuch"));
        QVERIFY_THROWS_EXCEPTION(Error, splitValues(*data, "nosuch"));
        QVERIFY_THROWS_EXCEPTION(Error, rowsOf(data, {3}));
    }
};

QTEST_APPLESS_MAIN(TestRowLayout)
#include "tst_row_layout.moc"
