// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/answer_spans.h"
#include "core/jinja/template.h"
#include "core/tokenizer/tokenizer.h"
#include "core/workbench/tools.h"

namespace tw {
namespace {

TokenizedText described(const Tokenizer& tokenizer, Encoding encoding)
{
    TokenizedText text;
    text.ids = std::move(encoding.ids);
    text.typeIds = std::move(encoding.typeIds);
    text.typeIds.resize(text.ids.size(), 0);
    for (const std::int64_t id : text.ids)
        text.tokens.push_back(tokenizer.tokenText(id));
    text.decoded = tokenizer.decode(text.ids, false);
    text.decodedSkipSpecial = tokenizer.decode(text.ids, true);
    return text;
}

// Transformers finds the end of the message to go on with by this mark.
constexpr const char* kContinueMark = "CONTINUE_FINAL_MESSAGE_TAG ";

[[noreturn]] void nothingToContinue()
{
    throw Error("continue_final_message is set, but the final message has no text that the "
                "template prints.",
                "End the messages with one that has text.");
}

/// Appends the mark to the final message's text.
void markFinalMessage(Json& messages)
{
    if (!messages.is_array() || messages.empty() || !messages.back().contains("content"))
        nothingToContinue();
    Json& content = messages.back().at("content");
    if (content.is_string()) {
        content = content.get<std::string>() + kContinueMark;
        return;
    }
    for (auto block = content.rbegin(); block != content.rend(); ++block) {
        if (block->is_object() && block->contains("text")) {
            block->at("text") = block->at("text").get<std::string>() + kContinueMark;
            return;
        }
    }
    nothingToContinue();
}

/// What stands before the mark; blanks at its end go where the template trimmed the message.
std::string untilMark(const std::string& text)
{
    const std::string mark = kContinueMark;
    const auto at = text.rfind(trimmed(mark));
    if (at == std::string::npos)
        nothingToContinue();
    if (text.compare(at, mark.size(), mark) == 0)
        return text.substr(0, at);
    const auto end = text.find_last_not_of(" \t\r\n\f\v", at == 0 ? std::string::npos : at - 1);
    return at == 0 || end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

/// The variables of a template, as apply_chat_template defines them.
Json variablesOf(const Json& request, const Json& specialTokens)
{
    Json variables = Json::object();
    variables["messages"] = request.at("messages");
    variables["tools"] = request.value("tools", Json());
    variables["documents"] = request.value("documents", Json());
    variables["add_generation_prompt"] = request.value("add_generation_prompt", false);
    variables.update(specialTokens);
    for (const char* key : {"special_tokens", "kwargs"})
        if (const auto it = request.find(key); it != request.end() && it->is_object())
            variables.update(*it);
    return variables;
}

} // namespace

struct TextTokenizer::State
{
    std::shared_ptr<const Tokenizer> tokenizer;
};

TextTokenizer::TextTokenizer(const std::string& path)
    : m_state(std::make_shared<State>(State {openTokenizer(path)}))
{
}

TokenizedText TextTokenizer::encode(const std::string& text, bool addSpecial) const
{
    return described(*m_state->tokenizer, m_state->tokenizer->encode(text, addSpecial));
}

TokenizedText TextTokenizer::encodePair(const std::string& first,
                                        const std::string& second,
                                        bool addSpecial) const
{
    return described(*m_state->tokenizer,
                     m_state->tokenizer->encodePair(first, second, addSpecial));
}

TokenizedText TextTokenizer::decode(const std::vector<std::int64_t>& ids) const
{
    return described(*m_state->tokenizer, {ids, {}, {}});
}

ChatRenderer::ChatRenderer(std::string source, std::string specialTokensJson)
    : m_source(std::move(source))
    , m_specialTokensJson(std::move(specialTokensJson))
{
}

ChatRenderer ChatRenderer::ofModel(const std::string& path)
{
    std::string source = chatTemplateOf(path);
    if (source.empty())
        throw Error(path + " brings no chat template.", "Give one with --template.");
    return ChatRenderer(std::move(source), specialTokensOf(*openTokenizer(path)).dump());
}

RenderedChat ChatRenderer::render(const std::string& requestJson) const
{
    Json request = parseJson(requestJson, "request");
    if (!request.is_object() || !request.contains("messages"))
        throw Error("A request is an object with \"messages\".", "Add the list of messages.");
    try {
        const std::string source = request.value("template", m_source);
        if (source.empty())
            throw Error("There is no template to render.",
                        "Give one with --template, or in the request.");
        const bool goesOn = request.value("continue_final_message", false);
        if (goesOn && request.value("add_generation_prompt", false))
            throw Error("continue_final_message and add_generation_prompt exclude each other.",
                        "Leave one of them out.");
        if (goesOn)
            markFinalMessage(request.at("messages"));
        const jinja::Rendered rendered = jinja::Template(source).render(
            variablesOf(request, Json::parse(m_specialTokensJson)).dump(),
            request.value("now", std::string()));
        RenderedChat chat;
        chat.text = goesOn ? untilMark(rendered.text) : rendered.text;
        for (const auto& [start, end] : rendered.generationSpans)
            chat.generationSpans.emplace_back(static_cast<std::int64_t>(start),
                                              static_cast<std::int64_t>(end));
        return chat;
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("The request cannot be understood: ") + error.what() + ".",
                    "Check the types of its values.");
    }
}

} // namespace tw
