// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/tokenizer/gguf_vocabulary.h"
#include "core/tokenizer/tokenizer.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace tw;

namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = TW_FIXTURES "/tokenizer";

fs::path folderWith(const QTemporaryDir& parent, const std::string& tokenizer)
{
    const fs::path folder = fs::path(parent.path().toStdString()) / "model";
    fs::create_directories(folder);
    fs::copy_file(kFixtures / tokenizer, folder / "tokenizer.json");
    return folder;
}

/// What a tokenizer of before tokenizer.json becomes.
GgufFields fieldsOfFolder(const char* name, std::int64_t size = 0)
{
    return ggufTokenizerFields(kFixtures / "folders" / name, size);
}

template <typename T>
std::vector<T> listAt(const GgufFields& fields, const std::string& key)
{
    for (const auto& [name, value] : fields)
        if (name == key)
            return std::get<std::vector<T>>(std::get<GgufList>(value));
    return {};
}

QByteArray refusalOf(const char* name)
{
    try {
        fieldsOfFolder(name);
    } catch (const Error& error) {
        return QByteArray(error.what()) + " | " + error.hint().c_str();
    }
    return {};
}

std::string textAt(const GgufFields& fields, const std::string& key)
{
    for (const auto& [name, value] : fields)
        if (name == key && std::holds_alternative<std::string>(value))
            return std::get<std::string>(value);
    return {};
}

} // namespace

class TestGgufVocabulary : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theWrittenTokenizerGivesTheSameIds_data()
    {
        QTest::addColumn<std::string>("tokenizer");
        QTest::addColumn<std::string>("kind");
        QTest::addColumn<std::string>("pre");
        const auto row = [](const char* file, const char* kind, const char* pre) {
            QTest::newRow(file) << std::string(file) << std::string(kind) << std::string(pre);
        };
        row("gpt2.tokenizer.json", "gpt2", "gpt-2");
        // Its vocabulary has no number of two digits, so that GPT-2's way gives the same ids.
        row("smollm.tokenizer.json", "gpt2", "gpt-2");
        row("llama3.tokenizer.json", "gpt2", "llama-bpe");
    }

    void theWrittenTokenizerGivesTheSameIds()
    {
        QFETCH(std::string, tokenizer);
        QFETCH(std::string, kind);
        QFETCH(std::string, pre);
        const QTemporaryDir parent;
        const fs::path folder = folderWith(parent, tokenizer);
        GgufFields fields = ggufTokenizerFields(folder, 0);
        QCOMPARE(textAt(fields, "tokenizer.ggml.model"), kind);
        QCOMPARE(textAt(fields, "tokenizer.ggml.pre"), pre);
        fields.emplace_back("general.architecture", std::string("llama"));
        writeGguf(folder / "model.gguf", fields, {});
        const auto before = openTokenizer(folder / "tokenizer.json");
        const auto after = openTokenizer(folder / "model.gguf");
        QCOMPARE(after->vocabularySize(), before->vocabularySize());
        const Json texts = readJsonFile(kFixtures / "texts.json", 1 << 24);
        for (const Json& text : texts) {
            // Tokens of that file take the blanks beside them, which GGUF cannot say.
            if (tokenizer.starts_with("smollm") && text.dump().find('<') != std::string::npos)
                continue;
            const auto ids = before->encode(text.get<std::string>(), true).ids;
            QVERIFY2(after->encode(text.get<std::string>(), true).ids == ids, text.dump().c_str());
            QCOMPARE(after->decode(ids, false), before->decode(ids, false));
        }
        const GgufFields again = ggufFieldsOf(folder / "model.gguf");
        for (const auto& field : fields)
            QVERIFY2(std::find(again.begin(), again.end(), field) != again.end(),
                     field.first.c_str());
    }

    void olderVocabulariesGiveTheSameIdsToo_data()
    {
        QTest::addColumn<std::string>("folder");
        QTest::addColumn<std::string>("kind");
        QTest::addColumn<std::string>("pre");
        const auto row = [](const char* folder, const char* kind, const char* pre) {
            QTest::newRow(folder) << std::string(folder) << std::string(kind) << std::string(pre);
        };
        row("llama", "llama", "default");
        row("gemma", "llama", "default");
        row("qwen2", "gpt2", "llama-bpe"); // both the same where no token has two digits
        row("roberta", "gpt2", "gpt-2");
    }

    void olderVocabulariesGiveTheSameIdsToo()
    {
        QFETCH(std::string, folder);
        QFETCH(std::string, kind);
        QFETCH(std::string, pre);
        const QTemporaryDir parent;
        GgufFields fields = fieldsOfFolder(folder.c_str());
        QCOMPARE(textAt(fields, "tokenizer.ggml.model"), kind);
        QCOMPARE(textAt(fields, "tokenizer.ggml.pre"), pre);
        const fs::path file = fs::path(parent.path().toStdString()) / "model.gguf";
        writeGguf(file, fields, {});
        const auto before = openTokenizer(kFixtures / "folders" / folder);
        const auto after = openTokenizer(file);
        QCOMPARE(after->vocabularySize(), before->vocabularySize());
        for (const Json& text : readJsonFile(kFixtures / "texts.json", 1 << 24)) {
            // What GGUF cannot say: <mask> takes the blank before it, Qwen2 composes characters.
            const QString shown = QString::fromStdString(text.get<std::string>());
            if ((folder == "roberta" && shown.contains(QLatin1Char('<')))
                || (folder == "qwen2" && shown != shown.normalized(QString::NormalizationForm_C)))
                continue;
            const auto ids = before->encode(text.get<std::string>(), true).ids;
            QVERIFY2(after->encode(text.get<std::string>(), true).ids == ids, text.dump().c_str());
        }
    }

    /// tests/fixtures/tokenizer/gguf/llama.gguf is what gguf-py makes of the same model.
    void aSentencePieceModelHasTheScoresAndTypesOfGgufPy()
    {
        const GgufFields ours = fieldsOfFolder("llama");
        const GgufFields theirs = ggufFieldsOf(kFixtures / "gguf/llama.gguf");
        for (const auto& field : theirs)
            if (field.first.starts_with("tokenizer.ggml."))
                QVERIFY2(std::find(ours.begin(), ours.end(), field) != ours.end(),
                         field.first.c_str());
    }

    void whatTheConfigurationAddsComesBehindThePieces()
    {
        const GgufFields fields = fieldsOfFolder("gemma");
        const auto texts = listAt<std::string>(fields, "tokenizer.ggml.tokens");
        const auto types = listAt<std::int32_t>(fields, "tokenizer.ggml.token_type");
        const auto typeOf = [&](const char* text) {
            const auto it = std::find(texts.begin(), texts.end(), text);
            return it == texts.end() ? 0 : types.at(static_cast<std::size_t>(it - texts.begin()));
        };
        QCOMPARE(texts.back(), std::string("<end_of_turn>"));
        QCOMPARE(typeOf("<end_of_turn>"), 3); // control
        QCOMPARE(typeOf("<start_of_turn>"), 3);
        QCOMPARE(typeOf("<bos>"), 3);
        QCOMPARE(typeOf("<unk>"), 2);
        QCOMPARE(typeOf("  "), 4); // user-defined, its marks as the spaces that they stand for
        QCOMPARE(typeOf("<0x0A>"), 6);
        QCOMPARE(listAt<float>(fields, "tokenizer.ggml.scores").back(), -1000.0F);
    }

    void otherKindsAreRefusedWithAdvice()
    {
        for (const char* folder : {"t5", "xlmr", "bert", "clip", "gpt2"}) {
            const QByteArray refusal = refusalOf(folder);
            QVERIFY2(refusal.contains(folder) && refusal.contains("Hugging Face folder"),
                     (folder + (": " + refusal)).constData());
        }
    }

    void aFolderWithoutATokenizerSaysSo()
    {
        const QTemporaryDir folder;
        QVERIFY(ggufTokenizerFields(folder.path().toStdString(), 5)
                == (GgufFields {{"tokenizer.ggml.model", std::string("none")}}));
    }

    /// As many tokens as real models have.
    void aLargeVocabularyIsWritten()
    {
        const QTemporaryDir parent;
        const fs::path folder = folderWith(parent, "gpt2.tokenizer.json");
        Json tokenizer = readJsonFile(folder / "tokenizer.json", 1 << 24);
        std::string text = tokenizer.dump();
        const std::string vocabulary = "\"vocab\":{";
        const std::size_t at = text.find(vocabulary) + vocabulary.size();
        std::string more;
        for (int id = 1'000; id < 61'000; ++id)
            more += "\"zq" + std::to_string(id) + "\":" + std::to_string(id) + ",";
        text.insert(at, more);
        QFile file(folder / "tokenizer.json");
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(text));
        file.close();
        for (const auto& [key, value] : ggufTokenizerFields(folder, 61'000))
            if (key == "tokenizer.ggml.tokens")
                QCOMPARE(std::get<std::vector<std::string>>(std::get<GgufList>(value)).at(60'999),
                         std::string("zq60999"));
    }

    void tokensThatTheTokenizerLacksAreUnused()
    {
        const QTemporaryDir parent;
        const fs::path folder = folderWith(parent, "gpt2.tokenizer.json");
        const std::int64_t size = openTokenizer(folder)->vocabularySize();
        for (const auto& [key, value] : ggufTokenizerFields(folder, size + 3))
            if (key == "tokenizer.ggml.token_type") {
                const auto& types = std::get<std::vector<std::int32_t>>(std::get<GgufList>(value));
                QCOMPARE(std::ssize(types), size + 3);
                QCOMPARE(std::vector<std::int32_t>(types.end() - 3, types.end()),
                         (std::vector<std::int32_t> {5, 5, 5}));
            }
    }

    void aWayOfSplittingThatGgufDoesNotKnowIsRefused()
    {
        const QTemporaryDir parent;
        const fs::path folder = folderWith(parent, "splits.tokenizer.json");
        try {
            ggufTokenizerFields(folder, 0);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains("tokenizer.json"), error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestGgufVocabulary)
#include "tst_gguf_vocabulary.moc"
