// SPDX-License-Identifier: Apache-2.0
#include "core/data/chat_request.h"

#include "core/base/text.h"
#include "core/jinja/unicode.h"

namespace tw {
namespace {

// Transformers finds the end of the message to go on with by this mark.
constexpr std::string_view kContinueMark = "CONTINUE_FINAL_MESSAGE_TAG ";

[[noreturn]] void nothingToContinue()
{
    throw Error("continue_final_message is set, but the final message has no text that the "
                "template prints.",
                "End the messages with one that has text.");
}

/// Appends the mark to the final message's text; gives that text without the mark.
std::string markFinalMessage(Json& messages)
{
    if (!messages.is_array() || messages.empty() || !messages.back().is_object()
        || !messages.back().contains("content"))
        nothingToContinue();
    const auto mark = [](Json& text) {
        std::string words = text.get<std::string>();
        text = words + std::string(kContinueMark);
        return words;
    };
    Json& content = messages.back().at("content");
    if (content.is_string())
        return mark(content);
    if (!content.is_array())
        nothingToContinue();
    for (auto part = content.rbegin(); part != content.rend(); ++part) {
        if (part->is_object() && part->contains("text") && part->at("text").is_string())
            return mark(part->at("text"));
    }
    nothingToContinue();
}

/// What stands before the mark; blanks at its end go where the template trimmed the message.
std::string untilMark(const std::string& text, const std::string& words)
{
    const auto at = text.rfind(trimmed(kContinueMark));
    if (at == std::string::npos || text.find(jinja::stripped(words)) == std::string::npos)
        nothingToContinue();
    const std::string head = text.substr(0, at);
    if (text.compare(at, kContinueMark.size(), kContinueMark) == 0)
        return head;
    return std::string(jinja::stripped(head, false, true));
}

void requireObjects(const Json& list, const char* what, const char* shape)
{
    if (list.is_null())
        return;
    bool isFine = list.is_array();
    if (isFine) {
        for (const Json& item : list)
            isFine = isFine && item.is_object();
    }
    if (!isFine)
        throw Error(std::string("The ") + what + " are not a list of objects.", shape);
}

/// The variables of a template, as apply_chat_template defines them.
Json variablesOf(const Json& request, const Json& specials)
{
    Json variables = Json::object();
    variables["messages"] = request.at("messages");
    variables["tools"] = request.value("tools", Json());
    variables["documents"] = request.value("documents", Json());
    requireObjects(variables["tools"], "tools",
                   "A tool is {\"type\": \"function\", \"function\": {\"name\": .., "
                   "\"description\": .., \"parameters\": JSON schema}}.");
    requireObjects(variables["documents"], "documents",
                   "A document is {\"title\": .., \"text\": ..}.");
    variables["add_generation_prompt"] = request.value("add_generation_prompt", false);
    variables.update(specials);
    for (const char* key : {"special_tokens", "kwargs"}) {
        if (const auto it = request.find(key); it != request.end() && it->is_object())
            variables.update(*it);
    }
    return variables;
}

const std::string& sourceFor(const ChatTemplates& templates, const Json& request, std::string& own)
{
    own = request.value("template", std::string());
    if (!own.empty())
        return own;
    const std::string asked = request.value("chat_template", std::string());
    const bool withTools = request.contains("tools") && !request.at("tools").is_null();
    const bool isSource = !asked.empty() && !templates.sources().contains(asked)
        && asked.find("{") != std::string::npos;
    if (!isSource)
        return templates.choose(asked, withTools);
    return own = asked;
}

} // namespace

jinja::Rendered
renderChat(const ChatTemplates& templates, const Json& specials, const Json& request)
{
    if (!request.is_object() || !request.contains("messages"))
        throw Error("A request is an object with \"messages\".", "Add the list of messages.");
    try {
        std::string own;
        const std::string& source = sourceFor(templates, request, own);
        const bool goesOn = request.value("continue_final_message", false);
        if (goesOn && request.value("add_generation_prompt", false))
            throw Error("continue_final_message and add_generation_prompt exclude each other.",
                        "Leave one of them out.");
        Json variables = variablesOf(request, specials);
        std::string words;
        if (goesOn)
            words = markFinalMessage(variables.at("messages"));
        jinja::Rendered rendered =
            jinja::Template(source).render(variables.dump(), request.value("now", std::string()));
        if (goesOn)
            rendered.text = untilMark(rendered.text, words);
        return rendered;
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("The request cannot be understood: ") + error.what() + ".",
                    "Check the types of its values.");
    }
}

} // namespace tw
