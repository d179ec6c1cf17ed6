// SPDX-License-Identifier: Apache-2.0
// Tokenizers as folders held them before tokenizer.json, against Transformers; see make_folders.py.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/tokenizer.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>

using namespace tw;

namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = TW_FIXTURES "/tokenizer";

Json json(const std::string& name)
{
    return readJsonFile(kFixtures / name, 1 << 24);
}

/// The texts of all, and those that make_folders.py adds.
std::vector<std::string> texts()
{
    auto all = json("texts.json").get<std::vector<std::string>>();
    for (const char* const more :
         {"<s>", "a <s> b", "hi </s>", "<unk> x", "x <extra_id_0> y<extra_id_1>", "a<mask>b",
          "  <mask> c", "[CLS] a [MASK] b [SEP]", "1,000, 20, 3,a",
          "<start_of_turn>user\nhi<end_of_turn>", "\u2581a \u2581 b", "\u2581", " word word",
          "``quoted''"})
        all.emplace_back(more);
    return all;
}

void write(const fs::path& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

/// The Error's sentence and hint.
std::string errorOf(const fs::path& path)
{
    try {
        openTokenizer(path);
    } catch (const Error& error) {
        return error.hint().empty() ? std::string("no hint")
                                    : std::string(error.what()) + " " + error.hint();
    }
    return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part)
{
    if (text.find(part) != std::string::npos)
        return true;
    qWarning("%s", text.c_str());
    return false;
}

} // namespace

class TestTokenizerFolders : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void idsTypesTextAndPairsAreThoseOfTransformers_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("Llama") << "llama";
        QTest::newRow("Llama: not legacy, added tokens, both ends marked") << "llama_new";
        QTest::newRow("Gemma: symbols of its own") << "gemma";
        QTest::newRow("T5") << "t5";
        QTest::newRow("T5: not legacy") << "t5_new";
        QTest::newRow("XLM-R: ids shifted by one") << "xlmr";
        QTest::newRow("ALBERT: lower case, numbers cut from commas") << "albert";
        QTest::newRow("DeBERTa-v2") << "deberta_v2";
        QTest::newRow("CamemBERT: ids shifted by four") << "camembert";
        QTest::newRow("mBART: the language behind the text") << "mbart";
        QTest::newRow("mBART-50: the language in front") << "mbart50";
        QTest::newRow("NLLB: languages of the folder") << "nllb";
        QTest::newRow("XGLM: made-up words") << "xglm";
        QTest::newRow("Pegasus: unused tokens in front") << "pegasus";
        QTest::newRow("XLNet: the marks behind the text") << "xlnet";
        QTest::newRow("BigBird: no space before its marks") << "bigbird";
        QTest::newRow("RemBERT") << "rembert";
        QTest::newRow("CodeLlama: tokens for filling in") << "codellama";
        QTest::newRow("BERT's vocab.txt") << "bert";
        QTest::newRow("BERT's vocab.txt, cased") << "bert_cased";
        QTest::newRow("GPT-2's vocab.json and merges.txt") << "gpt2";
        QTest::newRow("RoBERTa's vocab.json and merges.txt") << "roberta";
        QTest::newRow("CLIP's vocab.json and merges.txt") << "clip";
        QTest::newRow("Qwen2's vocab.json and merges.txt") << "qwen2";
        QTest::newRow("MPNet's vocab.txt: marks of RoBERTa") << "mpnet";
        QTest::newRow("wav2vec 2.0's letters") << "wav2vec2";
        QTest::newRow("wav2vec 2.0's letters, decoded in lower case") << "wav2vec2_lower";
    }
    void idsTypesTextAndPairsAreThoseOfTransformers()
    {
        QFETCH(QString, name);
        const auto tokenizer = openTokenizer(kFixtures / "folders" / name.toStdString());
        const auto all = texts();
        const Json rows = json("folders/" + name.toStdString() + ".expected.json");
        QCOMPARE(rows.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Encoding full = tokenizer->encode(all[i], true);
            QCOMPARE(full.spans.size(), full.ids.size());
            for (const auto& [begin, end] : full.spans)
                QVERIFY2(begin <= end && end <= all[i].size(), all[i].c_str());
            Json ours {tokenizer->encode(all[i], false).ids, full.ids, full.typeIds,
                       tokenizer->decode(full.ids, false), tokenizer->decode(full.ids, true)};
            // The fast classes of Transformers take an empty second text for none, the slow do not.
            const std::string& next = all[(i + 1) % all.size()];
            ours.push_back(next.empty() ? rows[i].back()
                                        : Json(tokenizer->encodePair(all[i], next, true).ids));
            if (ours != rows[i])
                qWarning("%s\n ours:      %s\n reference: %s", all[i].c_str(), ours.dump().c_str(),
                         rows[i].dump().c_str());
            QVERIFY(ours == rows[i]);
        }
    }

    void ggufFilesGiveTheIdsOfTheirFolders_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("llama: SentencePiece's BPE by scores") << "llama";
        QTest::newRow("t5: Unigram with rules") << "t5";
        QTest::newRow("bert: marks at the beginnings of words") << "bert";
    }
    void ggufFilesGiveTheIdsOfTheirFolders()
    {
        QFETCH(QString, name);
        const auto tokenizer = openTokenizer(kFixtures / "gguf" / (name.toStdString() + ".gguf"));
        const auto all = texts();
        const Json rows = json("folders/" + name.toStdString() + ".expected.json");
        int compared = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            // The sentinels are no tokens of the file; a mark alone is a blank to the library; and
            // llama.cpp adds the end token even behind another one.
            const bool isOther = all[i].find("<extra_id") != std::string::npos || all[i] == "\u2581"
                || (name == QStringLiteral("t5") && all[i].ends_with("</s>"));
            if (isOther)
                continue;
            const Json ours {tokenizer->encode(all[i], false).ids,
                             tokenizer->encode(all[i], true).ids};
            const Json reference {rows[i][0], rows[i][1]};
            if (ours != reference)
                qWarning("%s\n ours:      %s\n reference: %s", all[i].c_str(), ours.dump().c_str(),
                         reference.dump().c_str());
            QVERIFY(ours == reference);
            ++compared;
        }
        QVERIFY(compared > 100);
    }

    // What follows was seen in Transformers 4.57.6.
    void specialTokensAreFoundInTheCaseThatTextIsBroughtInto()
    {
        using Ids = std::vector<std::int64_t>;
        const auto albert = openTokenizer(kFixtures / "folders/albert");
        QCOMPARE(albert->encode("<PAD>", true).ids, (Ids {2, 0, 3}));
        QCOMPARE(albert->encode("[MASK]", false).ids, (Ids {4}));
        const auto clip = openTokenizer(kFixtures / "folders/clip");
        QCOMPARE(clip->encode("<|ENDOFTEXT|>", false).ids, (Ids {1}));
    }

    void textOfAFolderIsFinishedAsItsConfigurationSays()
    {
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        const auto decoded = [](const fs::path& path, const char* text) {
            const auto tokenizer = openTokenizer(path);
            return tokenizer->decode(tokenizer->encode(text, false).ids, false);
        };
        fs::copy(kFixtures / "kinds/bert.tokenizer.json", folder / "tokenizer.json");
        QCOMPARE(decoded(folder, "I'm\u2581"), std::string("i ' [UNK]"));
        write(folder / "tokenizer_config.json", "{\"clean_up_tokenization_spaces\": true}");
        QCOMPARE(decoded(folder, "I'm\u2581"), std::string("i'[UNK]"));
        QCOMPARE(decoded(folder / "tokenizer.json", "I'm\u2581"), std::string("i ' [UNK]"));
        fs::copy(kFixtures / "kinds/clip.tokenizer.json", folder / "tokenizer.json",
                 fs::copy_options::overwrite_existing);
        write(folder / "tokenizer_config.json", "{\"tokenizer_class\": \"CLIPTokenizer\"}");
        QCOMPARE(decoded(folder, "<|startoftext|>$.<|endoftext|>"),
                 std::string("<|startoftext|>$. <|endoftext|>"));
    }

    void aFolderThatNamesNoClassIsReadAsItsModelAsks()
    {
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        fs::copy(kFixtures / "folders/xlmr/sentencepiece.bpe.model",
                 folder / "sentencepiece.bpe.model");
        const auto asItsLibrary = openTokenizer(folder)->encode("Hello world", true).ids;
        write(folder / "config.json", "{\"model_type\": \"xlm-roberta\"}");
        const auto asItsModel = openTokenizer(folder)->encode("Hello world", true).ids;
        QVERIFY(asItsModel != asItsLibrary);
        QCOMPARE(asItsModel,
                 openTokenizer(kFixtures / "folders/xlmr")->encode("Hello world", true).ids);
    }

    void aModelAloneIsReadAsItsLibraryDoes()
    {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "my.model";
        fs::copy(kFixtures / "folders/llama/tokenizer.model", file);
        const auto tokenizer = openTokenizer(file);
        const Encoding encoding = tokenizer->encode("Hello world", true);
        const auto folderIds =
            openTokenizer(kFixtures / "folders/llama")->encode("Hello world", false).ids;
        QCOMPARE(encoding.ids, folderIds);
        QCOMPARE(tokenizer->decode(encoding.ids, false), std::string("Hello world"));
        QCOMPARE(encoding.spans.back().second, std::size_t {11});
        QCOMPARE(tokenizer->specialTokens().bos, 1);
        QVERIFY(tokenizer->isSpecial(1));
        QCOMPARE(tokenizer->tokenBytes(*tokenizer->idOf("<0x0A>")), std::string("\n"));
    }

    void aDamagedModelIsRefused()
    {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "my.model";
        const std::string good = readFile(kFixtures / "folders/t5/spiece.model", 1 << 20);
        for (std::size_t length = 1; length < good.size(); length += 97) {
            write(file, good.substr(0, length));
            try {
                openTokenizer(file)->encode("a text", true);
            } catch (const Error& error) {
                QVERIFY(!error.hint().empty());
                QVERIFY(contains(error.what(), "my.model"));
            }
        }
        write(file, "{\"this\": \"is JSON\"}");
        QVERIFY(contains(errorOf(file), "no SentencePiece model"));
        // A trie of rules whose units lead out of it.
        std::string bent = good;
        const std::size_t name = bent.rfind("user_defined");
        for (std::size_t at = name + 30; name != std::string::npos && at < name + 300; ++at)
            bent[at] = '\x7F';
        write(file, bent);
        QVERIFY(contains(errorOf(file), "my.model"));
    }

    void whatIsMissingOrUnknownIsSaid()
    {
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        QVERIFY(contains(errorOf(folder), "no tokenizer.json in this folder"));
        write(folder / "vocab.json", "{\"a\": 0}");
        QVERIFY(contains(errorOf(folder), "no merges.txt"));
        write(folder / "tokenizer_config.json", "{\"tokenizer_class\": \"MarianTokenizer\"}");
        QVERIFY(contains(errorOf(folder), "MarianTokenizer is not known"));
        fs::remove(folder / "tokenizer_config.json");
        write(folder / "merges.txt", "#version: 0.2\na b c\n");
        QVERIFY(contains(errorOf(folder), "merges.txt line 2"));
        write(folder / "merges.txt", "a b\n");
        QVERIFY(contains(errorOf(folder), "is not in the vocabulary"));
        write(folder / "vocab.json", "[1]");
        QVERIFY(contains(errorOf(folder), "vocab.json"));
        write(folder / "tokenizer_config.json", "{\"tokenizer_class\": \"FooTokenizer\"}");
        QVERIFY(contains(errorOf(folder), "FooTokenizer is not known for vocab.json"));
        fs::copy(kFixtures / "folders/llama/tokenizer.model", folder / "tokenizer.model");
        QVERIFY(contains(errorOf(folder), "FooTokenizer is not known for SentencePiece"));
        write(folder / "tokenizer_config.json",
              "{\"tokenizer_class\": \"MBartTokenizer\", \"src_lang\": \"xx_YY\"}");
        QVERIFY(contains(errorOf(folder), "\"xx_YY\" is not among the tokens"));
        write(folder / "tokenizer_config.json",
              "{\"tokenizer_class\": \"PegasusTokenizer\", \"offset\": 999999}");
        QVERIFY(contains(errorOf(folder), "offset of 999999"));
        write(folder / "tokenizer_config.json", "[]");
        QVERIFY(contains(errorOf(folder), "is no JSON object"));
    }

    void aVocabularyOfLinesWantsText()
    {
        QTemporaryDir temporary;
        const fs::path folder = temporary.path().toStdString();
        write(folder / "vocab.txt", "\xFF\n");
        QVERIFY(contains(errorOf(folder), "is not UTF-8"));
        write(folder / "vocab.txt", "a\r\n[UNK]\r\n");
        QCOMPARE(openTokenizer(folder / "vocab.txt")->encode("a b", false).ids,
                 (std::vector<std::int64_t> {0, 1}));
        write(folder / "vocab.txt", "a\n");
        QCOMPARE(openTokenizer(folder)->encode("a", false).ids, (std::vector<std::int64_t> {0}));
        write(folder / "tokenizer_config.json", "{\"tokenizer_class\": \"EsmTokenizer\"}");
        QVERIFY(contains(errorOf(folder), "EsmTokenizer is not known for vocab.txt"));
    }
};

QTEST_APPLESS_MAIN(TestTokenizerFolders)
#include "tst_tokenizer_folders.moc"
