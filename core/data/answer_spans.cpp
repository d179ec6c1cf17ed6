// SPDX-License-Identifier: Apache-2.0
#include "core/data/answer_spans.h"

#include "core/base/text.h"

#include <algorithm>

namespace tw {
namespace {

/// Byte offsets of code points that come in rising order.
std::vector<LaidOutText::Span>
toBytes(const std::string& text, const std::vector<std::pair<std::size_t, std::size_t>>& spans)
{
    std::vector<std::size_t> starts; // of each code point
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U)
            starts.push_back(i);
    }
    starts.push_back(text.size());
    std::vector<LaidOutText::Span> bytes;
    for (const auto& [from, to] : spans)
        bytes.emplace_back(starts[std::min(from, starts.size() - 1)],
                           starts[std::min(to, starts.size() - 1)]);
    return bytes;
}

/// Where the words of a message stand in the text, from `from` on; {npos, npos} where they do not.
LaidOutText::Span wordsAt(const std::string& words, const std::string& text, std::size_t from)
{
    const std::string core = trimmed(words);
    const std::size_t at = core.empty() ? std::string::npos : text.find(core, from);
    if (at == std::string::npos)
        return {std::string::npos, std::string::npos};
    return {at, at + core.size()};
}

/// The same for what the assistant says; templates may drop the thoughts before it.
LaidOutText::Span answerAt(const std::string& words, const std::string& text, std::size_t from)
{
    static constexpr std::string_view kThoughtEnd = "</think>";
    const LaidOutText::Span whole = wordsAt(words, text, from);
    const std::size_t thought = words.rfind(kThoughtEnd);
    if (whole.first != std::string::npos || thought == std::string::npos)
        return whole;
    return wordsAt(words.substr(thought + kThoughtEnd.size()), text, from);
}

} // namespace

Json specialTokensOf(const Tokenizer& tokenizer)
{
    const SpecialTokens special = tokenizer.specialTokens();
    Json json = Json::object();
    const auto add = [&](const char* name, const std::optional<std::int64_t>& id) {
        if (id)
            json[name] = tokenizer.tokenText(*id);
    };
    add("bos_token", special.bos);
    add("eos_token", special.eos);
    add("pad_token", special.pad);
    add("unk_token", special.unknown);
    return json;
}

ConversationRenderer::ConversationRenderer(jinja::Template chatTemplate, Json specials)
    : m_template(std::move(chatTemplate))
    , m_specials(std::move(specials))
{
}

jinja::Rendered ConversationRenderer::rendered(const Conversation& conversation,
                                               std::size_t count,
                                               bool withPrompt) const
{
    Json variables = m_specials;
    Json messages = Json::array();
    for (std::size_t i = 0; i < count; ++i)
        messages.push_back(conversation.messages[i]);
    variables["messages"] = std::move(messages);
    variables["tools"] = conversation.tools;
    variables["documents"] = nullptr;
    variables["add_generation_prompt"] = withPrompt;
    return m_template.render(variables.dump());
}

LaidOutText::Span ConversationRenderer::answerSpan(const Conversation& conversation,
                                                   std::size_t index,
                                                   const std::string& text,
                                                   std::size_t from) const
{
    const LaidOutText::Span words = answerAt(conversation.textOf(index), text, from);
    if (index > 0) {
        try {
            const std::string before = rendered(conversation, index, true).text;
            const std::string behind = rendered(conversation, index + 1, false).text;
            // Templates that drop the thoughts of earlier turns, or put thoughts before the answer,
            // fail this.
            if (behind.size() > before.size() && behind.starts_with(before)
                && text.starts_with(behind))
                return {before.size(), behind.size()};
        } catch (const Error&) {
            // A template may refuse a conversation that ends here; the words themselves are the
            // other way.
            if (words.first == std::string::npos)
                throw;
        }
    }
    if (words.first == std::string::npos)
        throw Error("The chat template does not show what the assistant says in message "
                        + std::to_string(index + 1) + ".",
                    "Use another template, or the ChatML layout.");
    return words;
}

LaidOutText ConversationRenderer::render(const Conversation& conversation) const
{
    const std::size_t count = conversation.messages.size();
    const jinja::Rendered whole = rendered(conversation, count, false);
    LaidOutText out;
    out.text = whole.text;
    out.answers = toBytes(out.text, whole.generationSpans);
    const bool isMarked = !out.answers.empty();
    std::size_t cursor = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool isAnswer = conversation.roleOf(i) == "assistant";
        if (isAnswer && !isMarked) {
            out.answers.push_back(answerSpan(conversation, i, out.text, cursor));
            if (out.answers.back() == answerAt(conversation.textOf(i), out.text, cursor))
                out.openEnds.push_back(out.answers.back().second);
            cursor = out.answers.back().second;
            continue;
        }
        const auto words = wordsAt(conversation.textOf(i), out.text, cursor);
        if (words.first == std::string::npos)
            continue;
        if (!isAnswer)
            out.prompts.push_back(words);
        cursor = words.second;
    }
    return out;
}

std::string ConversationRenderer::promptOf(const Conversation& conversation) const
{
    std::size_t last = conversation.messages.size();
    while (last > 0 && conversation.roleOf(last - 1) != "assistant")
        --last;
    return rendered(conversation, last == 0 ? 0 : last - 1, true).text;
}

} // namespace tw
