// SPDX-License-Identifier: Apache-2.0
// Rows for every use: what objectives read beside plain prompts and answers.
#include "core/base/json.h"
#include "core/data/batch.h"
#include "tests/core/data/byte_tokenizer.h"

#include <QTest>

using namespace tw;

namespace {

constexpr const char* kTurns =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}";
constexpr const char* kMarked =
    "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}"
    "{{ m.content }}</s>{% endgeneration %}{% else %}{{ m.content }}</s>{% endif %}{% endfor %}";
constexpr const char* kThreeAnswers =
    R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},)"
    R"( {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"},)"
    R"( {"role": "user", "content": "x"}, {"role": "assistant", "content": "f"}]})";

LayoutOptions optionsFor(RowUse use, Layout layout = Layout::Plain)
{
    LayoutOptions options;
    options.use = use;
    options.layout = layout;
    options.chatTemplate = kTurns;
    options.startId = 7;
    return options;
}

TokenizedRow rowOf(const std::string& json, const LayoutOptions& options)
{
    const auto data = datasetFromText(json, "rows.jsonl");
    return RowTokenizer(std::make_shared<ByteTokenizer>(), guessRoles(*data), options)
        .tokenize(*data, 0);
}

std::string failureOf(const std::string& json, const LayoutOptions& options)
{
    try {
        rowOf(json, options);
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return {};
}

QByteArray drawnPair(const TokenizedRow& row)
{
    const std::string rejected = row.rejected.empty() ? "none" : drawn(row.rejected.front());
    return QByteArray::fromStdString(drawn(row) + " / " + rejected);
}

/// The weights of what is trained, letter by letter; a point where nothing is.
QByteArray weightsOf(const TokenizedRow& row)
{
    QByteArray out;
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const float weight = row.weights.empty() ? 1.0F : row.weights[i];
        out += row.isTrained[i] == 0 ? "." : QByteArray::number(static_cast<double>(weight));
    }
    return out;
}

Json fixture(const char* name)
{
    return readJsonFile(std::filesystem::path(TW_FIXTURES) / "data/layouts/cases.json", 1 << 20)
        .at(name);
}

std::shared_ptr<const Tokenizer> tinyBert()
{
    return openTokenizer(TW_FIXTURES "/data/layouts/tokenizer.json");
}

using Ids = std::vector<std::int64_t>;

} // namespace

class TestRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textsAreCutAsTransformersDoes();
    void wordsHaveTheLabelOfTheirFirstToken();
    void whatTheTemplateMarksIsTrained();
    void bothAnswersStandBehindTheSamePrompt_data();
    void bothAnswersStandBehindTheSamePrompt();
    void rowsOfAUseSayWhatTheyLack_data();
    void rowsOfAUseSayWhatTheyLack();
    void answersAreLikedOrNot();
    void onlyTheLastAnswerIsTrainedWhenAsked();
    void weightsGoToTheirAnswers_data();
    void weightsGoToTheirAnswers();
    void aPairHasOneWeight();
    void anEncoderReadsThePromptAndItsDecoderWritesTheAnswer();
    void linesOfWordsAndLabelsAreRead();
    void readyTokensAreTakenAsTheyAre();
    void readyTokensThatDoNotFitAreRefused_data();
    void readyTokensThatDoNotFitAreRefused();
    void labelsAreClassesOfTheDataOrOfTheModel();
    void numbersAreLearnedAsTheyAre();
};

void TestRows::textsAreCutAsTransformersDoes()
{
    for (const Json& expected : fixture("pairs")) {
        const Json line = {{"text", expected["text"]}, {"pair", expected["pair"]}, {"label", "no"}};
        const auto data = datasetFromText(line.dump(), "rows.jsonl");
        LayoutOptions options = optionsFor(RowUse::Labels);
        options.labels.classes = {"yes", "no"};
        options.maxLength = expected["maxLength"].get<std::int64_t>();
        const RowTokenizer rows(
            tinyBert(), {{"text", Role::Text}, {"pair", Role::TextPair}, {"label", Role::Label}},
            options);
        const TokenizedRow row = rows.tokenize(*data, 0);
        QCOMPARE(row.ids, expected["ids"].get<Ids>());
        QCOMPARE(row.types, expected["types"].get<Ids>());
        QCOMPARE(row.labels, std::vector<double> {1.0});
        QCOMPARE(row.kinds.size(), row.ids.size());
        QCOMPARE(targetCount(row, RowUse::Labels), 1);
        QCOMPARE(packRows({&row}).trainedCount(), 0);
    }
}

void TestRows::wordsHaveTheLabelOfTheirFirstToken()
{
    for (const Json& expected : fixture("tagged")) {
        const Json line = {{"words", expected["words"]}, {"labels", expected["labels"]}};
        const auto data = datasetFromText(line.dump(), "rows.jsonl");
        LayoutOptions options = optionsFor(RowUse::TokenLabels);
        options.labels.classes = {"N", "O", "P"};
        const RowTokenizer rows(tinyBert(), guessRoles(*data), options);
        const TokenizedRow row = rows.tokenize(*data, 0);
        QCOMPARE(row.ids, expected["ids"].get<Ids>());
        QCOMPARE(row.tokenLabels, expected["numbers"].get<Ids>());
        QCOMPARE(packRows({&row}).targets, expected["numbers"].get<Ids>()); // not shifted
        QCOMPARE(targetCount(row, RowUse::TokenLabels),
                 static_cast<std::int64_t>(expected["words"].size()));
    }
}

void TestRows::whatTheTemplateMarksIsTrained()
{
    const auto tokenizer = openTokenizer(TW_FIXTURES "/experiment/tiny");
    for (const Json& expected : fixture("chats")) {
        const auto data =
            datasetFromText(Json {{"messages", expected["messages"]}}.dump(), "rows.jsonl");
        LayoutOptions options = optionsFor(RowUse::Text, Layout::Chat);
        options.chatTemplate = expected["template"].get<std::string>();
        options.trainOn = TrainOn::Template;
        const TokenizedRow row =
            RowTokenizer(tokenizer, guessRoles(*data), options).tokenize(*data, 0);
        QCOMPARE(row.ids, expected["ids"].get<Ids>());
        QCOMPARE(Ids(row.isTrained.begin(), row.isTrained.end()), expected["mask"].get<Ids>());
        options.chatTemplate = kTurns;
        const RowTokenizer unmarked(tokenizer, guessRoles(*data), options);
        QVERIFY_THROWS_EXCEPTION(Error, unmarked.tokenize(*data, 0));
    }
    LayoutOptions plain = optionsFor(RowUse::Text);
    plain.trainOn = TrainOn::Template;
    QVERIFY(failureOf(R"({"prompt": "a", "answer": "b"})", plain).find("marks nothing")
            != std::string::npos);
}

void TestRows::bothAnswersStandBehindTheSamePrompt_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<bool>("isChat");
    QTest::addColumn<QByteArray>("expected");
    const auto add = [](const char* name, const char* row, bool isChat, const char* expected) {
        QTest::newRow(name) << QByteArray(row) << isChat << QByteArray(expected);
    };
    const char* talk = "<user>{q}</s><assistant>[a</s>] / <user>{q}</s><assistant>[b</s>]";
    add("three columns, as they stand", R"({"prompt": "q", "chosen": "a", "rejected": "b"})", false,
        "<s>{q}\n[a</s>] / <s>{q}\n[b</s>]");
    add("three columns, as a chat", R"({"prompt": "q", "chosen": "a", "rejected": "b"})", true,
        talk);
    add("texts that begin alike",
        R"({"chosen": "Human: hi Assistant: hello", "rejected": "Human: hi Assistant: help"})",
        false, "<s>{Human: hi Assistant: }[hello</s>] / <s>{Human: hi Assistant: }[help</s>]");
    add("conversations that begin alike",
        R"({"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}]})",
        true, talk);
    add("a conversation and two answers in ShareGPT's words",
        R"({"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}})",
        true, talk);
    add("OpenAI's preferences",
        R"({"input": {"messages": [{"role": "user", "content": "q"}]}, "preferred_output": [{"role": "assistant", "content": "a"}], "non_preferred_output": [{"role": "assistant", "content": "b"}]})",
        true, talk);
    add("an answer before the two is read only",
        R"({"chosen": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "o"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "o"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}]})",
        true,
        "<user>{p}</s><assistant>{o</s>}<user>{q}</s><assistant>[a</s>] / "
        "<user>{p}</s><assistant>{o</s>}<user>{q}</s><assistant>[b</s>]");
}

void TestRows::bothAnswersStandBehindTheSamePrompt()
{
    QFETCH(QByteArray, row);
    QFETCH(bool, isChat);
    QFETCH(QByteArray, expected);
    const LayoutOptions options =
        optionsFor(RowUse::Preference, isChat ? Layout::Chat : Layout::Plain);
    const TokenizedRow pair = rowOf(row.toStdString(), options);
    QCOMPARE(drawnPair(pair), expected);
    TokenizedRow chosen = pair;
    chosen.rejected.clear();
    QCOMPARE(targetCount(pair, RowUse::Preference),
             targetCount(chosen, RowUse::Text) + targetCount(pair.rejected[0], RowUse::Text));
    const Batch batch = packRows({&pair});
    QCOMPARE(batch.rowCount(), 2);
    QCOMPARE(batch.tokenCount(),
             static_cast<std::int64_t>(pair.ids.size() + pair.rejected[0].ids.size()));
}

void TestRows::rowsOfAUseSayWhatTheyLack_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<int>("use");
    QTest::addColumn<bool>("isChat");
    QTest::addColumn<QByteArray>("says");
    const auto add = [](const char* name, const char* row, RowUse use, const char* says,
                        bool isChat = false) {
        QTest::newRow(name) << QByteArray(row) << static_cast<int>(use) << isChat
                            << QByteArray(says);
    };
    add("no column of rejected answers", R"({"prompt": "q", "chosen": "a"})", RowUse::Preference,
        "No column is the rejected answer.");
    add("no rejected answer", R"({"prompt": "q", "chosen": "a", "rejected": ""})",
        RowUse::Preference, "Row 1 (line 1): The row has no rejected answer.");
    add("twice the same answer", R"({"prompt": "q", "chosen": "a", "rejected": "a"})",
        RowUse::Preference, "are the same");
    add("nobody asks", R"({"chosen": "a b", "rejected": "a c"})", RowUse::Preference, "nobody asks",
        true);
    add("conversations about something else",
        R"({"chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected": [{"role": "user", "content": "r"}, {"role": "assistant", "content": "b"}]})",
        RowUse::Preference, "do not part at an answer", true);
    add("preferences as texts", R"({"text": "a"})", RowUse::Preference, "No column is the chosen");
    add("liked without an answer", R"({"text": "a", "label": "true"})", RowUse::Judged,
        "the roles prompt, answer and label");
    add("liked perhaps", R"({"prompt": "q", "completion": "a", "label": "maybe"})", RowUse::Judged,
        "\"maybe\" does not say whether");
    add("liked, but by whom", R"({"prompt": "q", "completion": "a", "label": ""})", RowUse::Judged,
        "columns do not make a judged");
    add("a text without label", R"({"text": "a"})", RowUse::Labels,
        "role text and one the role label");
    add("an unknown label", R"({"text": "a", "label": "blue"})", RowUse::Labels,
        "The label \"blue\" is not known. | Known: red, green.");
    add("words without labels", R"({"tokens": ["a", "b"], "ner_tags": [0]})", RowUse::TokenLabels,
        "2 words and 1 labels");
    add("a word without label", R"({"text": "a B\nb"})", RowUse::TokenLabels,
        "The word \"b\" has no label.");
    add("an answer to nothing", R"({"prompt": "q", "answer": " "})", RowUse::Answer,
        "The answer is empty.");
    add("a weight below zero", R"({"prompt": "q", "answer": "a", "weights": -1})", RowUse::Text,
        "A weight is -1");
}

void TestRows::rowsOfAUseSayWhatTheyLack()
{
    QFETCH(QByteArray, row);
    QFETCH(int, use);
    QFETCH(bool, isChat);
    QFETCH(QByteArray, says);
    LayoutOptions options =
        optionsFor(static_cast<RowUse>(use), isChat ? Layout::Chat : Layout::Plain);
    options.labels.classes = {"red", "green"};
    const auto data = datasetFromText(row.toStdString(), "rows.jsonl");
    ColumnRoles roles = guessRoles(*data);
    for (auto& [column, role] : roles) { // an empty cell, or a column alone, is no reason to guess
        for (const Role known : {Role::Chosen, Role::Rejected, Role::Label, Role::Weights})
            role = column == roleId(known) ? known : role;
    }
    if (std::string(QTest::currentDataTag()) == "liked, but by whom")
        roles["label"] = Role::Ignore;
    std::string failure;
    try {
        RowTokenizer(std::make_shared<ByteTokenizer>(), roles, options).tokenize(*data, 0);
    } catch (const Error& error) {
        failure = std::string(error.what()) + " | " + error.hint();
    }
    QVERIFY2(failure.find(says.toStdString()) != std::string::npos, failure.c_str());
}

void TestRows::answersAreLikedOrNot()
{
    for (const auto& [label, liked] : {std::pair {"true", 1.0},
                                       {"false", 0.0},
                                       {"1", 1.0},
                                       {"0", 0.0},
                                       {"\"good\"", 1.0},
                                       {"\"Bad\"", 0.0}}) {
        const std::string line =
            std::string(R"({"prompt": "q", "completion": "a", "label": )") + label + "}";
        const TokenizedRow row = rowOf(line, optionsFor(RowUse::Judged));
        QCOMPARE(row.labels, std::vector<double> {liked});
        QCOMPARE(QByteArray::fromStdString(drawn(row)), QByteArray("<s>{q}\n[a</s>]"));
        QCOMPARE(packRows({&row}).labels, std::vector<std::vector<double>> {{liked}});
    }
}

void TestRows::onlyTheLastAnswerIsTrainedWhenAsked()
{
    for (const char* source : {kTurns, kMarked}) {
        LayoutOptions options = optionsFor(RowUse::Text, Layout::Chat);
        options.chatTemplate = source;
        options.trainOn = TrainOn::LastAnswer;
        QCOMPARE(QByteArray::fromStdString(drawn(rowOf(kThreeAnswers, options))),
                 QByteArray("<user>{a}</s><assistant>{b</s>}<user>{c}</s><assistant>{d</s>}"
                            "<user>{x}</s><assistant>[f</s>]"));
    }
}

void TestRows::weightsGoToTheirAnswers_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<QByteArray>("weights");
    const QByteArray talk(kThreeAnswers);
    const QByteArray apart = QByteArray(talk).replace("]}", "], \"weights\": ");
    // "<user>a</s><assistant>b</s>" has 21 tokens, the last two of which are trained.
    const QByteArray read(19, '.');
    QTest::newRow("in the messages, as OpenAI has them")
        << QByteArray(talk)
               .replace(R"("content": "b")", R"("content": "b", "weight": 0)")
               .replace(R"("content": "d")", R"("content": "d", "weight": 0.5)")
        << read + ".." + read + "0.50.5" + read + "11";
    QTest::newRow("for each answer")
        << apart + "[2, 0, 3]}" << read + "22" + read + ".." + read + "33";
    QTest::newRow("for each message")
        << apart + "[9, 2, 9, 0, 9, 3]}" << read + "22" + read + ".." + read + "33";
    QTest::newRow("for the row") << apart + "[0.25]}"
                                 << read + "0.250.25" + read + "0.250.25" + read + "0.250.25";
}

void TestRows::weightsGoToTheirAnswers()
{
    QFETCH(QByteArray, row);
    QFETCH(QByteArray, weights);
    for (const char* source : {kTurns, kMarked}) {
        LayoutOptions options = optionsFor(RowUse::Text, Layout::Chat);
        options.chatTemplate = source;
        const TokenizedRow found = rowOf(row.toStdString(), options);
        QCOMPARE(weightsOf(found), weights);
        const Batch batch = packRows({&found});
        for (std::size_t i = 0; i + 1 < found.ids.size(); ++i) {
            if (found.isTrained[i + 1] != 0)
                QCOMPARE(batch.weights[i], found.weights[i + 1]);
        }
    }
}

void TestRows::aPairHasOneWeight()
{
    const ColumnRoles roles {
        {"prompt", Role::Prompt}, {"answer", Role::Answer}, {"weights", Role::Weights}};
    const RowTokenizer rows(std::make_shared<ByteTokenizer>(), roles, optionsFor(RowUse::Text));
    const auto data = datasetFromText(R"({"prompt": "q", "answer": "a", "weights": 4})"
                                      "\n"
                                      R"({"prompt": "q", "answer": "a", "weights": [1, 2]})",
                                      "rows.jsonl");
    QCOMPARE(weightsOf(rows.tokenize(*data, 0)), QByteArray("...44"));
    QVERIFY_THROWS_EXCEPTION(Error, rows.tokenize(*data, 1));
    const std::string talk =
        QByteArray(kThreeAnswers).replace("]}", "], \"weights\": [1, 2]}").toStdString();
    const std::string failure = failureOf(talk, optionsFor(RowUse::Text, Layout::Chat));
    QVERIFY2(failure.find("6 messages and 2 weights") != std::string::npos, failure.c_str());
}

void TestRows::anEncoderReadsThePromptAndItsDecoderWritesTheAnswer()
{
    const ByteTokenizer tokenizer;
    const LayoutOptions plain = optionsFor(RowUse::Answer);
    const TokenizedRow row = rowOf(R"({"prompt": "Sum: ab", "answer": "a"})", plain);
    QCOMPARE(tokenizer.decode(row.source, false), std::string("<s>Sum: ab"));
    QCOMPARE(row.ids, (Ids {7, kBytes, 'a', kBytes + 1}));
    QCOMPARE(QByteArray::fromStdString(drawn(row)), QByteArray("\x07[<s>a</s>]"));
    QCOMPARE(row.isTrained, (std::vector<std::uint8_t> {0, 1, 1, 1}));
    const Batch batch = packRows({&row});
    QCOMPARE(batch.targets, (Ids {kBytes, 'a', kBytes + 1, -100}));
    QCOMPARE(batch.sourceIds, row.source);
    const TokenizedRow talk = rowOf(kThreeAnswers, optionsFor(RowUse::Answer, Layout::Chat));
    QVERIFY(tokenizer.decode(talk.source, false).ends_with("<user>x</s><assistant>"));
    QCOMPARE(talk.ids, (Ids {7, kBytes, 'f', kBytes + 1}));
    const TokenizedRow text = rowOf(R"({"text": "one two three"})", plain);
    QCOMPARE(tokenizer.decode(text.source, false), std::string("<s>one two"));
    QCOMPARE(QByteArray::fromStdString(drawn(text)), QByteArray("\x07[<s>three</s>]"));
    LayoutOptions brief = plain;
    brief.maxLength = 4;
    const TokenizedRow cut = rowOf(R"({"prompt": "Sum: ab", "answer": "abc"})", brief);
    QCOMPARE(cut.source.size(), std::size_t {4});
    QCOMPARE(cut.source.back(), row.source.back()); // what ends it stays
    QCOMPARE(cut.cutTokens, 4 + 2);
    LayoutOptions unknown = plain;
    unknown.startId = -1;
    QVERIFY(failureOf(R"({"prompt": "q", "answer": "a"})", unknown).find("decoder_start_token_id")
            != std::string::npos);
}

void TestRows::linesOfWordsAndLabelsAreRead()
{
    LayoutOptions options = optionsFor(RowUse::TokenLabels);
    options.labels.classes = {"O", "B-ORG"};
    const auto data = datasetFromText("EU NNP B-NP B-ORG\nsays VBZ B-VP O\n\n-DOCSTART- -X- O O\n"
                                      "no\tO\nEU\tB-ORG\n",
                                      "conll.txt");
    const RowTokenizer rows(std::make_shared<ByteTokenizer>(), guessRoles(*data), options);
    const TokenizedRow first = rows.tokenize(*data, 0);
    QCOMPARE(ByteTokenizer().decode(first.ids, false), std::string("<s>EU says"));
    QCOMPARE(first.tokenLabels, (Ids {-100, 1, -100, -100, 0, -100, -100, -100}));
    QCOMPARE(rows.tokenize(*data, 1).tokenLabels, (Ids {-100, 0, -100, -100, 1, -100}));
}

void TestRows::readyTokensAreTakenAsTheyAre()
{
    const LayoutOptions text = optionsFor(RowUse::Text, Layout::Chat); // nothing is laid out
    TokenizedRow row = rowOf(
        R"({"input_ids": [0, 5, 6, 7, 0], "labels": [-100, -100, 6, 7, -100], "attention_mask": [0, 1, 1, 1, 0]})",
        text);
    QCOMPARE(row.ids, (Ids {5, 6, 7}));
    QCOMPARE(row.isTrained, (std::vector<std::uint8_t> {0, 1, 1}));
    QCOMPARE(packRows({&row}).targets, (Ids {6, 7, -100}));
    // What is read may differ from what is learned, as where an answer is hidden in part.
    row = rowOf(
        R"({"input_ids": [0, 5, 0, 7, 0], "labels": [-100, 5, 6, 9, -100], "attention_mask": [0, 1, 1, 1, 1]})",
        text);
    QCOMPARE(row.ids, (Ids {5, 0, 7, 0}));
    QCOMPARE(packRows({&row}).targets, (Ids {6, 9, -100, -100}));
    LayoutOptions brief = text;
    brief.maxLength = 3;
    row = rowOf(R"({"input_ids": [5, 0, 7, 0], "labels": [-100, 6, 9, 8]})", brief);
    QCOMPARE(packRows({&row}).targets, (Ids {6, 9, -100}));
    row = rowOf(R"({"input_ids": [5, 6], "weights": [1, 0.5]})", text);
    QCOMPARE(row.isTrained, (std::vector<std::uint8_t> {1, 1}));
    QCOMPARE(row.weights, (std::vector<float> {1.0F, 0.5F}));
    row = rowOf(R"({"prompt_input_ids": [5, 6], "completion_input_ids": [7]})", text);
    QCOMPARE(row.ids, (Ids {5, 6, 7}));
    QCOMPARE(row.isTrained, (std::vector<std::uint8_t> {0, 0, 1}));
    row = rowOf(
        R"({"prompt_input_ids": [5, 6], "chosen_input_ids": [7], "rejected_input_ids": [8, 9]})",
        optionsFor(RowUse::Preference));
    QCOMPARE(row.ids, (Ids {5, 6, 7}));
    QCOMPARE(row.rejected.at(0).ids, (Ids {5, 6, 8, 9}));
    QCOMPARE(row.rejected.at(0).isTrained, (std::vector<std::uint8_t> {0, 0, 1, 1}));
    row = rowOf(
        R"({"chosen_input_ids": [5, 7], "chosen_labels": [-100, 7], "rejected_input_ids": [5, 8], "rejected_labels": [-100, 8]})",
        optionsFor(RowUse::Preference));
    QCOMPARE(targetCount(row, RowUse::Preference), 2);
    row = rowOf(R"({"input_ids": [5, 7], "labels": [-100, 7], "label": false})",
                optionsFor(RowUse::Judged));
    QCOMPARE(row.labels, std::vector<double> {0.0});
    row = rowOf(R"({"input_ids": [5, 6], "labels": [7, 8, -100]})", optionsFor(RowUse::Answer));
    QCOMPARE(row.source, (Ids {5, 6}));
    QCOMPARE(row.ids, (Ids {7, 7, 8}));
    LayoutOptions classes = optionsFor(RowUse::Labels);
    classes.labels.classes = {"0", "1", "2"};
    row = rowOf(R"({"input_ids": [5, 6, 7], "token_type_ids": [0, 0, 1], "labels": 2})", classes);
    QCOMPARE(row.types, (Ids {0, 0, 1}));
    QCOMPARE(row.labels, std::vector<double> {2.0});
    classes.use = RowUse::TokenLabels;
    row = rowOf(R"({"input_ids": [5, 6, 7], "labels": [-100, 2, 0]})", classes);
    QCOMPARE(row.tokenLabels, (Ids {-100, 2, 0}));
}

void TestRows::readyTokensThatDoNotFitAreRefused_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<int>("use");
    QTest::addColumn<QByteArray>("says");
    const auto add = [](const char* name, const char* row, RowUse use, const char* says) {
        QTest::newRow(name) << QByteArray(row) << static_cast<int>(use) << QByteArray(says);
    };
    add("a token that there is not", R"({"input_ids": [5, 999999]})", RowUse::Text,
        "holds 999999 where numbers go from 0 to 260.");
    add("a token below zero", R"({"input_ids": [-100]})", RowUse::Text, "holds -100 where");
    add("half a token", R"({"input_ids": [1.5]})", RowUse::Text, "no whole number");
    add("too few labels", R"({"input_ids": [5, 6], "labels": [5]})", RowUse::Text,
        "\"labels\" has 1 numbers, \"input_ids\" 2.");
    add("a hole", R"({"input_ids": [5, 6, 7], "attention_mask": [1, 0, 1]})", RowUse::Text,
        "in the middle of the row");
    add("no answer to write", R"({"input_ids": [5]})", RowUse::Answer, "\"labels\" is missing");
    add("nothing rejected", R"({"input_ids": [5]})", RowUse::Preference,
        "\"chosen_input_ids\" is missing");
    add("an unknown class", R"({"input_ids": [5], "labels": [3]})", RowUse::TokenLabels,
        "\"labels\" holds 3 where numbers go from 0 to 1 and");
}

void TestRows::readyTokensThatDoNotFitAreRefused()
{
    QFETCH(QByteArray, row);
    QFETCH(int, use);
    QFETCH(QByteArray, says);
    LayoutOptions options = optionsFor(static_cast<RowUse>(use));
    options.labels.classes = {"0", "1"};
    const std::string failure = failureOf(row.toStdString(), options);
    QVERIFY2(failure.find(says.toStdString()) != std::string::npos, failure.c_str());
}

void TestRows::labelsAreClassesOfTheDataOrOfTheModel()
{
    using Texts = std::vector<std::string>;
    QCOMPARE(distinctLabels({"b", "10", "a", "2", " b", "", "2"}), (Texts {"2", "10", "a", "b"}));
    QCOMPARE(classesFor({"1", "3"}, {}).classes, (Texts {"1", "3"}));
    QCOMPARE(classesFor({"1", "3"}, {}).numberOf("3"), 1);
    QVERIFY_THROWS_EXCEPTION(Error, classesFor({"1", "3"}, {}).numberOf("0"));
    const Texts named {"negative", "positive"};
    QCOMPARE(classesFor({"0", "1"}, named).classes, named);
    QCOMPARE(classesFor({"0", "1"}, named).numberOf("1"), 1);
    QCOMPARE(classesFor({"positive"}, named).numberOf("positive"), 1);
    QVERIFY_THROWS_EXCEPTION(Error, classesFor({"bad", "good"}, named));
    const Texts counted {"LABEL_0", "LABEL_1"};
    QCOMPARE(classesFor({"bad", "good"}, counted).classes, (Texts {"bad", "good"}));
    QVERIFY_THROWS_EXCEPTION(Error, classesFor({"bad", "fair", "good"}, counted));
    QCOMPARE(numberedClasses({"0", "2"}).classes, (Texts {"0", "1", "2"}));
    QVERIFY_THROWS_EXCEPTION(Error, numberedClasses({"4000000000"}));
    QVERIFY_THROWS_EXCEPTION(Error, classesFor(Texts(1001, "a"), {}));
}

void TestRows::numbersAreLearnedAsTheyAre()
{
    const LabelList numbers = numbersLike({"", "3.5", "4"});
    QVERIFY(numbers.areNumbers && numbers.classes.empty());
    QCOMPARE(numbers.valuesOf("3.5"), std::vector<double> {3.5});
    QVERIFY_THROWS_EXCEPTION(Error, numbers.valuesOf("[1, 2]"));
    const LabelList flags = numbersLike({"[0, 1]", "[1, 1]"});
    QCOMPARE(flags.classes.size(), std::size_t {2});
    QCOMPARE(flags.valuesOf("[1, -2e3]"), (std::vector<double> {1.0, -2000.0}));
    QVERIFY_THROWS_EXCEPTION(Error, flags.valuesOf("1"));
    for (const char* cell : {"", "three", "[\"x\"]", "nan", "[[1]]"})
        QVERIFY_THROWS_EXCEPTION(Error, numbers.valuesOf(cell));
}

QTEST_APPLESS_MAIN(TestRows)
#include "tst_rows.moc"
