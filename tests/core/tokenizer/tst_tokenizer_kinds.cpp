// SPDX-License-Identifier: Apache-2.0
// The pipelines of well-known models against Hugging Face's tokenizers; see make_kinds.py.
#include "core/base/json.h"
#include "core/tokenizer/tokenizer.h"

#include <QTest>

using namespace tw;

namespace {

using Ids = std::vector<std::int64_t>;

std::string fixture(const std::string& name)
{
    return TW_FIXTURES "/tokenizer/" + name;
}

Json json(const std::string& name)
{
    return readJsonFile(fixture(name), 1 << 24);
}

/// Says where two answers differ.
bool agree(const Json& ours, const Json& reference, const std::string& what)
{
    if (ours == reference)
        return true;
    qWarning("%s\n ours:      %s\n reference: %s", what.c_str(), ours.dump().c_str(),
             reference.dump().c_str());
    return false;
}

} // namespace

class TestTokenizerKinds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void idsTypesTextAndPairsAreThoseOfTheReference_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("BERT: lower case, padding and truncation switched on") << "bert";
        QTest::newRow("BERT: cased, short words") << "bert_cased";
        QTest::newRow("T5: Unigram, SentencePiece's rules") << "t5";
        QTest::newRow("XLM-R: Unigram, mask takes blanks") << "xlmr";
        QTest::newRow("ALBERT: no accents") << "albert";
        QTest::newRow("DeBERTa-v2: Unigram with bytes, mark at the start alone") << "deberta_v2";
        QTest::newRow("Llama 2: mark before every stretch of text") << "llama2";
        QTest::newRow("Llama 2: mark at the start alone") << "llama2_first";
        QTest::newRow("Gemma: no mark, tokens of line breaks") << "gemma";
        QTest::newRow("CLIP: ends of words, lower case") << "clip";
        QTest::newRow("GPT-NeoX: tokens of spaces") << "neox";
        QTest::newRow("OPT") << "opt";
        QTest::newRow("GPT: BPE of BERT's words") << "openai_gpt";
        QTest::newRow("wav2vec 2.0: letters, CTC") << "wav2vec2";
        QTest::newRow("scripts, digits, two templates") << "scripts";
    }
    void idsTypesTextAndPairsAreThoseOfTheReference()
    {
        QFETCH(QString, name);
        const std::string base = "kinds/" + name.toStdString();
        const auto tokenizer = openTokenizer(fixture(base + ".tokenizer.json"));
        const Json texts = json("texts.json");
        const Json rows = json(base + ".expected.json");
        QCOMPARE(rows.size(), texts.size());
        QVERIFY(texts.size() > 90);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto text = texts[i].get<std::string>();
            const auto next = texts[(i + 1) % texts.size()].get<std::string>();
            const Encoding full = tokenizer->encode(text, true);
            const Encoding pair = tokenizer->encodePair(text, next, true);
            const Json ours {tokenizer->encode(text, false).ids,
                             full.ids,
                             full.typeIds,
                             tokenizer->decode(full.ids, false),
                             tokenizer->decode(full.ids, true),
                             pair.ids,
                             pair.typeIds};
            QVERIFY2(agree(ours, rows[i], "row " + std::to_string(i) + ": " + text), text.c_str());
        }
    }

    void spansAreStretchesOfTheTextInOrder_data()
    {
        idsTypesTextAndPairsAreThoseOfTheReference_data();
    }
    void spansAreStretchesOfTheTextInOrder()
    {
        QFETCH(QString, name);
        const auto tokenizer =
            openTokenizer(fixture("kinds/" + name.toStdString() + ".tokenizer.json"));
        for (const Json& entry : json("texts.json")) {
            const auto text = entry.get<std::string>();
            const Encoding encoding = tokenizer->encode(text, false);
            QCOMPARE(encoding.spans.size(), encoding.ids.size());
            QCOMPARE(encoding.typeIds.size(), encoding.ids.size());
            std::size_t last = 0;
            for (const auto& [begin, end] : encoding.spans) {
                if (name != QStringLiteral("scripts")) // which gives the text to itself twice
                    QVERIFY2(begin >= last || begin == end, text.c_str());
                QVERIFY2(begin <= end && end <= text.size(), text.c_str());
                last = begin;
            }
        }
    }

    /// The reference finds "…" in front of a combining sign, replaces both by three dots, and says
    /// that only the first of them begins the text.
    void onlyWhatBeginsTheTextGetsItsMark()
    {
        const auto deberta = openTokenizer(fixture("kinds/deberta_v2.tokenizer.json"));
        const auto texts = [&](std::string_view text) {
            std::vector<std::string> tokens;
            for (const std::int64_t id : deberta->encode(text, false).ids)
                tokens.push_back(deberta->tokenText(id));
            return tokens;
        };
        const std::string mark = "\u2581";
        QCOMPARE(texts("\u2026\u0484"), (std::vector<std::string> {mark, ".", ".", "."}));
        QCOMPARE(texts("\u2026"), (std::vector<std::string> {mark, ".", mark, ".", mark, "."}));
    }

    void aTokenIsAStretchOfDecodedText()
    {
        const auto llama = openTokenizer(fixture("kinds/llama2.tokenizer.json"));
        QCOMPARE(llama->tokenBytes(*llama->idOf("<0x0A>")), std::string("\n"));
        QCOMPARE(llama->tokenBytes(*llama->idOf("\u2581a")), std::string(" a"));
        const auto bert = openTokenizer(fixture("kinds/bert.tokenizer.json"));
        QCOMPARE(bert->tokenBytes(*bert->idOf("##s")), std::string("s"));
        QCOMPARE(bert->tokenBytes(*bert->idOf("the")), std::string(" the"));
        QCOMPARE(bert->description(), std::string("WordPiece, 600 tokens"));
        const auto t5 = openTokenizer(fixture("kinds/t5.tokenizer.json"));
        QVERIFY2(t5->description().starts_with("Unigram, "), t5->description().c_str());
    }
};

QTEST_APPLESS_MAIN(TestTokenizerKinds)
#include "tst_tokenizer_kinds.moc"
