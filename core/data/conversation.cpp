// SPDX-License-Identifier: Apache-2.0
#include "core/data/conversation.h"

#include "core/base/text.h"
#include "core/data/weights.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tw {
namespace {

constexpr const char* kShape =
    "Messages are a list such as [{\"role\": \"user\", \"content\": \"...\"}, "
    "{\"role\": \"assistant\", \"content\": \"...\"}].";

/// Names of roles that data sets use beside the usual ones.
std::string usualRole(const std::string& role)
{
    static constexpr std::array<std::pair<std::string_view, const char*>, 8> kAliases {
        {{"human", "user"},
         {"gpt", "assistant"},
         {"bot", "assistant"},
         {"model", "assistant"},
         {"chatgpt", "assistant"},
         {"observation", "tool"},
         {"function_response", "tool"},
         {"prompter", "user"}}};
    for (const auto& [alias, usual] : kAliases) {
        if (role == alias)
            return usual;
    }
    return role;
}

Json messageFrom(const Json& given)
{
    if (!given.is_object())
        throw Error("A message is not an object.", kShape);
    Json message = Json::object();
    const bool isShareGpt = given.contains("from") && !given.contains("role");
    for (const auto& [key, value] : given.items()) {
        const std::string name = isShareGpt && key == "from" ? "role"
            : isShareGpt && key == "value"                   ? "content"
                                                             : key;
        message[name] = value;
    }
    if (!message.contains("role") || !message["role"].is_string())
        throw Error("A message has no role.", kShape);
    message["role"] = usualRole(message["role"].get<std::string>());
    return message;
}

Json systemMessage(const std::string& text)
{
    return {{"role", "system"}, {"content", text}};
}

/// The tools of a row in a column of their own, as TRL's data sets bring them; null where there are
/// none.
Json toolsFrom(const std::string& cell)
{
    if (trimmed(cell).empty())
        return {};
    Json tools = parseJson(cell, "the tools");
    if (!tools.is_array() && !tools.is_null())
        throw Error("The column \"tools\" holds no list.",
                    "A list of {\"type\": \"function\", \"function\": {..}} is asked for.");
    return tools;
}

bool isMessage(const Json& item)
{
    const auto isText = [&](const char* key) {
        return item.contains(key) && item[key].is_string();
    };
    return item.is_object()
        && ((isText("role") && (item.contains("content") || item.contains("tool_calls")))
            || (isText("from") && item.contains("value")));
}

Json messagesFrom(const std::string& cell, Json& tools)
{
    Json json = parseJson(cell, "the messages");
    if (json.is_object() && json.contains("messages")) {
        if (json.contains("tools"))
            tools = json["tools"];
        json = Json(json["messages"]);
    }
    if (isMessage(json))
        json = Json::array({json}); // one on its own
    if (!json.is_array() || json.empty())
        throw Error("The messages are no list, or an empty one.", kShape);
    Json messages = Json::array();
    for (const Json& item : json)
        messages.push_back(messageFrom(item));
    return messages;
}

/// The messages of a cell, or nothing where it is another text.
Json messagesIn(const std::string& cell)
{
    const bool mayBe = cell.starts_with('[') || cell.starts_with('{');
    if (!mayBe
        || (cell.find("\"role\"") == std::string::npos
            && cell.find("\"from\"") == std::string::npos)
        || !Json::accept(cell))
        return {};
    Json json = parseJson(cell, "cell");
    if (json.is_object() && json.contains("messages"))
        json = Json(json["messages"]);
    if (isMessage(json))
        return Json::array({json});
    const bool isTalk = json.is_array() && !json.empty() && isMessage(json.front());
    return isTalk ? json : Json();
}

/// Prompt and answer as messages.
void addPair(const RowCells& cells, Conversation& conversation)
{
    Json answers = Json::array();
    if (holdsMessages(cells.answer))
        answers = messagesFrom(cells.answer, conversation.tools);
    else
        answers.push_back({{"role", "assistant"}, {"content", cells.answer}});
    const bool isWhole = answers.front().at("role") != "assistant";
    if (!isWhole && cells.prompt.empty() && holdsMessages(cells.answer))
        throw Error("The row has an answer, but nobody asks.",
                    "Give a column the role prompt, or put the question into the conversation.");
    if (!isWhole && holdsMessages(cells.prompt))
        conversation.messages = messagesFrom(cells.prompt, conversation.tools);
    else if (!isWhole && !cells.prompt.empty())
        conversation.messages.push_back({{"role", "user"}, {"content", cells.prompt}});
    conversation.firstAnswer = conversation.messages.size();
    for (Json& answer : answers)
        conversation.messages.push_back(std::move(answer));
}

} // namespace

bool holdsMessages(const std::string& cell)
{
    return !messagesIn(cell).is_null();
}

bool holdsReply(const std::string& cell)
{
    const Json messages = messagesIn(cell);
    return !messages.is_null() && messageFrom(messages.front()).at("role") == "assistant";
}

Json messagesOf(const std::string& cell)
{
    Json tools;
    return messagesFrom(cell, tools);
}

std::string Conversation::roleOf(std::size_t i) const
{
    return messages[i].at("role").get<std::string>();
}

bool Conversation::callsTools(std::size_t i) const
{
    const Json& message = messages[i];
    const auto calls = message.find("tool_calls");
    const auto call = message.find("function_call"); // the older form of one call
    return (calls != message.end() && calls->is_array() && !calls->empty())
        || (call != message.end() && call->is_object());
}

std::string Conversation::textOf(std::size_t i) const
{
    if (!messages[i].contains("content"))
        return {};
    const Json& content = messages[i].at("content");
    if (content.is_string())
        return content.get<std::string>();
    std::string text;
    if (content.is_array()) {
        for (const Json& part : content) {
            if (part.is_object() && part.contains("text") && part["text"].is_string())
                text += part["text"].get<std::string>();
        }
    }
    return text;
}

namespace {

/// How much a message counts, as OpenAI writes it into the message; templates do not see it.
float takeWeight(Json& message)
{
    const auto it = message.find("weight");
    if (it == message.end() || !it->is_number())
        return 1.0F;
    const double weight = it->get<double>();
    checkWeight(weight);
    message.erase(it);
    return static_cast<float>(weight);
}

/// From the messages, or from the cell of weights: one for each message, for each answer, or one
/// for all.
std::vector<float> weightsOf(Conversation& conversation, const std::string& cell)
{
    std::vector<float> weights;
    for (Json& message : conversation.messages)
        weights.push_back(takeWeight(message));
    const std::vector<float> given = weightsIn(cell);
    std::size_t next = 0;
    const auto answers = static_cast<std::size_t>(
        std::count_if(conversation.messages.begin(), conversation.messages.end(),
                      [](const Json& message) { return message.at("role") == "assistant"; }));
    if (given.size() > 1 && given.size() != weights.size() && given.size() != answers)
        throw Error("The row has " + std::to_string(weights.size()) + " messages and "
                        + std::to_string(given.size()) + " weights.",
                    "Give one for each message, one for each answer, or one for the row.");
    for (std::size_t i = 0; i < weights.size() && !given.empty(); ++i) {
        const bool isAnswer = conversation.roleOf(i) == "assistant";
        if (given.size() == 1)
            weights[i] = given.front();
        else if (given.size() == weights.size())
            weights[i] = given[i];
        else if (isAnswer)
            weights[i] = given[next++];
    }
    const bool isPlain = std::ranges::all_of(weights, [](float weight) { return weight == 1.0F; });
    return isPlain ? std::vector<float> {} : weights;
}

} // namespace

Conversation conversationFrom(const RowCells& cells, const std::string& system)
{
    Conversation conversation;
    if (cells.messages.empty())
        addPair(cells, conversation);
    else
        conversation.messages = messagesFrom(cells.messages, conversation.tools);
    const bool isTalk = !cells.messages.empty() || holdsReply(cells.answer);
    if (isTalk && conversation.tools.is_null())
        conversation.tools = toolsFrom(cells.tools);
    conversation.weights = weightsOf(conversation, cells.weights);
    const std::string& first = cells.system.empty() ? system : cells.system;
    if (!first.empty() && conversation.roleOf(0) != "system") {
        conversation.messages.insert(conversation.messages.begin(), systemMessage(first));
        conversation.firstAnswer += conversation.firstAnswer > 0 ? 1 : 0;
        if (!conversation.weights.empty())
            conversation.weights.insert(conversation.weights.begin(), 1.0F);
    }
    bool hasAnswer = false;
    for (std::size_t i = conversation.firstAnswer; i < conversation.messages.size(); ++i) {
        hasAnswer = hasAnswer
            || (conversation.roleOf(i) == "assistant"
                && (conversation.callsTools(i) || !trimmed(conversation.textOf(i)).empty()));
    }
    if (!hasAnswer)
        throw Error(cells.messages.empty() ? "The answer is empty."
                                           : "The assistant says nothing in the messages.",
                    "Fill in the answer, or leave the row out.");
    return conversation;
}

} // namespace tw
