// SPDX-License-Identifier: Apache-2.0
#include "core/data/changed_rendering.h"

#include <algorithm>

namespace tw {
namespace {

// A private character at either end: it has nothing in common with what stands there otherwise.
constexpr const char* kOther = "\xEF\xA0\x91other\xEF\xA0\x91";

bool isInner(const std::string& text, std::size_t i)
{
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
}

void renameCall(Json& call)
{
    Json& function = call.is_object() && call.contains("function") ? call["function"] : call;
    if (!function.is_object())
        return;
    function["name"] = kOther;
    const bool isText = function.contains("arguments") && function["arguments"].is_string();
    const Json arguments = {{kOther, kOther}};
    function["arguments"] = isText ? Json(arguments.dump()) : arguments;
}

} // namespace

Json withOtherWords(const Json& message)
{
    Json other = Json::object();
    for (const auto& [key, value] : message.items()) {
        if (key != "tool_calls" && key != "function_call" && key != "reasoning_content"
            && key != "thinking")
            other[key] = value;
    }
    const bool isInParts = message.contains("content") && message["content"].is_array();
    other["content"] =
        isInParts ? Json::array({{{"type", "text"}, {"text", kOther}}}) : Json(kOther);
    return other;
}

Json withOtherCalls(const Json& message)
{
    Json other = message;
    if (other.contains("tool_calls") && other["tool_calls"].is_array()) {
        for (Json& call : other["tool_calls"])
            renameCall(call);
    }
    if (other.contains("function_call"))
        renameCall(other["function_call"]);
    return other;
}

std::pair<std::size_t, std::size_t> changedRange(const std::string& text, const std::string& other)
{
    const std::size_t common = std::min(text.size(), other.size());
    std::size_t start = 0;
    while (start < common && text[start] == other[start])
        ++start;
    if (start == text.size() && start == other.size())
        return {start, start};
    while (start > 0 && (isInner(text, start) || isInner(other, start)))
        --start;
    std::size_t tail = 0;
    while (tail < common - start && text[text.size() - 1 - tail] == other[other.size() - 1 - tail])
        ++tail;
    while (tail > 0 && (isInner(text, text.size() - tail) || isInner(other, other.size() - tail)))
        --tail;
    return {start, text.size() - tail};
}

} // namespace tw
