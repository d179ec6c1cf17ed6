// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/data/chat_request.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace tw;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

const char* const kMessages = R"([{"role": "user", "content": "Hi"}])";

/// What a request renders to, or the error.
std::string rendered(const ChatTemplates& templates, const std::string& more)
{
    const std::string request = R"({"messages": )" + std::string(kMessages) + more + "}";
    try {
        return renderChat(templates, Json {{"bos_token", "<s>"}}, parseJson(request, "request"))
            .text;
    } catch (const Error& error) {
        return std::string(error.what()) + " " + error.hint();
    }
}

std::string continued(const std::string& source, const std::string& content)
{
    Json request = {{"messages", {{{"role", "assistant"}, {"content", content}}}},
                    {"continue_final_message", true}};
    try {
        return renderChat(ChatTemplates(source), Json::object(), request).text;
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

class TestChatRequest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->path().toStdString();
    }

    void aListOfNamedTemplatesIsChosenFromAsTransformersDoes()
    {
        write(m_path / "tokenizer_config.json", R"({"chat_template": [
            {"name": "default", "template": "D{{ bos_token }}"},
            {"name": "tool_use", "template": "T{{ tools | length }}"},
            {"name": "rag", "template": "R{{ documents[0].text }}"}]})");
        const ChatTemplates templates = ChatTemplates::ofModel(m_path);
        QCOMPARE(templates.sources().size(), std::size_t {3});
        QCOMPARE(rendered(templates, ""), std::string("D<s>"));
        QCOMPARE(rendered(templates, R"(, "tools": [{"name": "f"}])"), std::string("T1"));
        QCOMPARE(rendered(templates, R"(, "tools": [])"), std::string("T0"));
        QCOMPARE(rendered(templates, R"(, "chat_template": "rag", "documents": [{"text": "x"}])"),
                 std::string("Rx"));
        QCOMPARE(rendered(templates, R"(, "chat_template": "{{ 1 + 1 }}")"), std::string("2"));
        QCOMPARE(rendered(templates, R"(, "chat_template": "rag", "template": "own")"),
                 std::string("own"));
        const std::string unknown = rendered(templates, R"(, "chat_template": "nosuch")");
        QVERIFY2(unknown.find("default, rag, tool_use") != std::string::npos, unknown.c_str());
        QCOMPARE(chatTemplateOf(m_path), std::string("D{{ bos_token }}"));
    }

    void severalTemplatesWithoutADefaultAskForAName()
    {
        write(m_path / "tokenizer_config.json",
              R"({"chat_template": [{"name": "rag", "template": "R"}]})");
        const std::string failure = rendered(ChatTemplates::ofModel(m_path), "");
        QVERIFY2(failure.find("none of them is the default") != std::string::npos, failure.c_str());
        QVERIFY2(failure.find("rag") != std::string::npos, failure.c_str());
    }

    void filesBesideTheTokenizerReplaceTheConfiguration()
    {
        write(m_path / "tokenizer_config.json", R"({"chat_template": "old"})");
        QCOMPARE(chatTemplateOf(m_path), std::string("old"));
        write(m_path / "additional_chat_templates" / "tool_use.jinja", "tools");
        write(m_path / "additional_chat_templates" / "notes.txt", "no template");
        write(m_path / "chat_template.jinja", "new");
        const ChatTemplates templates = ChatTemplates::ofModel(m_path);
        QCOMPARE(templates.sources(),
                 (std::map<std::string, std::string> {{"default", "new"}, {"tool_use", "tools"}}));
    }

    void aProcessorsFileIsTheLastResort()
    {
        write(m_path / "chat_template.json", R"({"chat_template": "pictures"})");
        QCOMPARE(chatTemplateOf(m_path), std::string("pictures"));
        write(m_path / "tokenizer_config.json", R"({"chat_template": "text"})");
        QCOMPARE(chatTemplateOf(m_path), std::string("text"));
    }

    void aTemplateOfTheWrongKindIsAnError()
    {
        write(m_path / "tokenizer_config.json", R"({"chat_template": [{"name": "x"}]})");
        QVERIFY_THROWS_EXCEPTION(Error, ChatTemplates::ofModel(m_path));
        write(m_path / "tokenizer_config.json", R"({"chat_template": 5})");
        QVERIFY_THROWS_EXCEPTION(Error, ChatTemplates::ofModel(m_path));
        QVERIFY(ChatTemplates::ofModel(m_path / "nowhere").isEmpty());
    }

    void theFinalMessageIsContinuedWhereTheTemplateShowsIt()
    {
        QCOMPARE(continued("{% for m in messages %}<{{ m.content }}>{% endfor %}", " a "),
                 std::string("< a "));
        QCOMPARE(
            continued("{% for m in messages %}<{{ m.content | trim }}>{% endfor %}", "a \u00A0"),
            std::string("<a"));
        // Cut from what was said: what is left is not the message that should go on.
        QVERIFY(continued("{{ messages[0].content.split('</think>')[-1] }}", "x</think>y")
                    .starts_with("continue_final_message is set"));
        QVERIFY(continued("nothing", "a").starts_with("continue_final_message is set"));
    }

    void toolsAndDocumentsHaveToBeObjects()
    {
        const ChatTemplates templates("{{ tools }}");
        QVERIFY(rendered(templates, R"(, "tools": ["f"])").starts_with("The tools are not a list"));
        QVERIFY(rendered(templates, R"(, "documents": "d")").starts_with("The documents are not"));
        QVERIFY(rendered(templates,
                         R"(, "add_generation_prompt": true, "continue_final_message": true)")
                    .find("exclude each other")
                != std::string::npos);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_path;
};

QTEST_APPLESS_MAIN(TestChatRequest)
#include "tst_chat_request.moc"
