// SPDX-License-Identifier: Apache-2.0
#include "core/data/answer_spans.h"

#include "core/base/text.h"
#include "core/data/changed_rendering.h"

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

/// Answers that belong to the prompt of a row are read, not trained. The template marks each answer
/// once; where it hid some of them, which ones cannot be told, and the last ones count.
void leaveOutRead(const Conversation& conversation, LaidOutText& laidOut)
{
    std::size_t read = 0;
    std::size_t trained = 0;
    for (std::size_t i = 0; i < conversation.messages.size(); ++i) {
        if (conversation.roleOf(i) == "assistant")
            ++(i < conversation.firstAnswer ? read : trained);
    }
    auto& answers = laidOut.answers;
    if (read == 0 || answers.size() <= trained)
        return;
    const auto end = answers.end() - static_cast<std::ptrdiff_t>(trained);
    laidOut.prompts.insert(laidOut.prompts.end(), answers.begin(), end);
    answers.erase(answers.begin(), end);
}

/// Each answer that the template marked belongs to one message of the assistant, the last to the
/// last.
void weighMarked(const Conversation& conversation, LaidOutText& laidOut)
{
    if (conversation.weights.empty() || laidOut.answers.empty())
        return;
    std::vector<float> weights;
    for (std::size_t i = conversation.firstAnswer; i < conversation.messages.size(); ++i) {
        if (conversation.roleOf(i) == "assistant")
            weights.push_back(conversation.weightOf(i));
    }
    if (laidOut.answers.size() > weights.size())
        throw Error("The chat template marks more answers than the assistant gives, so their "
                    "weights cannot be told apart.",
                    "Leave the weights out, or use the ChatML layout.");
    laidOut.weights.assign(weights.end() - static_cast<std::ptrdiff_t>(laidOut.answers.size()),
                           weights.end());
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

std::optional<LaidOutText::Span> ConversationRenderer::spanByTurns(const Conversation& conversation,
                                                                   std::size_t index,
                                                                   const std::string& text,
                                                                   std::size_t from) const
{
    if (index == 0)
        return std::nullopt;
    try {
        const std::string behind = rendered(conversation, index + 1, false).text;
        for (const bool withPrompt : {true, false}) {
            const std::string before = rendered(conversation, index, withPrompt).text;
            if (!behind.starts_with(before) || trimmed(behind.substr(before.size())).empty())
                continue;
            if (withPrompt && text.starts_with(behind))
                return LaidOutText::Span {before.size(), behind.size()};
            // Earlier turns look different once later ones follow: thoughts go, the list of tools
            // moves. The turn itself may still be the same.
            const std::string turn = behind.substr(before.size());
            const std::size_t at = text.find(turn, from);
            if (at != std::string::npos)
                return LaidOutText::Span {at, at + turn.size()};
        }
    } catch (const Error&) {
        // A template may refuse a conversation that ends here; there are other ways.
    }
    return std::nullopt;
}

std::optional<LaidOutText::Span> ConversationRenderer::spanByChange(
    const Conversation& conversation, std::size_t index, const std::string& text) const
{
    for (const auto change : {withOtherWords, withOtherCalls}) {
        Conversation other = conversation;
        other.messages[index] = change(conversation.messages[index]);
        try {
            const LaidOutText::Span span =
                changedRange(text, rendered(other, other.messages.size(), false).text);
            if (span.second == span.first)
                continue;
            return change == withOtherWords ? span
                                            : widened(span, conversation, other, index, text);
        } catch (const Error&) {
            // A template may refuse tool answers that nobody asked for.
        }
    }
    return std::nullopt;
}

LaidOutText::Span ConversationRenderer::widened(const LaidOutText::Span& span,
                                                const Conversation& conversation,
                                                const Conversation& other,
                                                std::size_t index,
                                                const std::string& text) const
{
    LaidOutText::Span wide = span;
    const std::string closed = rendered(conversation, index, false).text;
    const std::string invited = rendered(conversation, index, true).text;
    if (invited.size() > closed.size() && invited.starts_with(closed)) {
        const std::string invitation = invited.substr(closed.size());
        const std::size_t at = text.rfind(invitation, span.first);
        if (at != std::string::npos && at + invitation.size() <= span.first)
            wide.first = at + invitation.size();
    }
    const std::string behind = rendered(conversation, index + 1, false).text;
    const std::string end =
        behind.substr(changedRange(behind, rendered(other, index + 1, false).text).second);
    if (text.compare(span.second, end.size(), end) == 0)
        wide.second += end.size();
    return wide;
}

ConversationRenderer::Answer ConversationRenderer::answerIn(const Conversation& conversation,
                                                            std::size_t index,
                                                            const std::string& text,
                                                            std::size_t from) const
{
    if (const auto turn = spanByTurns(conversation, index, text, from))
        return {*turn, *turn == answerAt(conversation.textOf(index), text, from)};
    const LaidOutText::Span words = answerAt(conversation.textOf(index), text, from);
    const bool isFound = words.first != std::string::npos;
    if (isFound && !conversation.callsTools(index))
        return {words, true};
    if (const auto change = spanByChange(conversation, index, text))
        return {*change, true};
    return {isFound ? words : LaidOutText::Span {from, from}, true};
}

LaidOutText ConversationRenderer::marked(const Conversation& conversation) const
{
    const jinja::Rendered whole = rendered(conversation, conversation.messages.size(), false);
    LaidOutText out;
    out.text = whole.text;
    out.answers = toBytes(out.text, whole.generationSpans);
    leaveOutRead(conversation, out);
    weighMarked(conversation, out);
    return out;
}

LaidOutText ConversationRenderer::renderMarked(const Conversation& conversation) const
{
    LaidOutText out = marked(conversation);
    if (out.answers.empty())
        throw Error("The chat template marks nothing as said by the assistant.",
                    "Learn from all answers instead, or use a template with {% generation %}.");
    findTurns(conversation, true, out);
    return out;
}

LaidOutText ConversationRenderer::render(const Conversation& conversation) const
{
    LaidOutText out = marked(conversation);
    findTurns(conversation, !out.answers.empty(), out);
    if (out.answers.empty())
        throw Error("The chat template does not show what the assistant says.",
                    "Use another template, or the ChatML layout.");
    return out;
}

void ConversationRenderer::findTurns(const Conversation& conversation,
                                     bool isMarked,
                                     LaidOutText& out) const
{
    std::size_t cursor = 0;
    for (std::size_t i = 0; i < conversation.messages.size(); ++i) {
        const bool isAnswer = conversation.roleOf(i) == "assistant";
        if (isAnswer && !isMarked) {
            const Answer answer = answerIn(conversation, i, out.text, cursor);
            if (answer.span.first == answer.span.second)
                continue; // templates may hide a turn, such as one that was only thought
            const bool isRead = i < conversation.firstAnswer;
            (isRead ? out.prompts : out.answers).push_back(answer.span);
            if (!isRead && !conversation.weights.empty())
                out.weights.push_back(conversation.weightOf(i));
            if (answer.isOpen && !isRead)
                out.openEnds.push_back(answer.span.second);
            cursor = answer.span.second;
            continue;
        }
        const auto words = wordsAt(conversation.textOf(i), out.text, cursor);
        if (words.first == std::string::npos)
            continue;
        if (!isAnswer)
            out.prompts.push_back(words);
        cursor = words.second;
    }
}

std::string ConversationRenderer::promptOf(const Conversation& conversation) const
{
    std::size_t last = conversation.messages.size();
    while (last > 0 && conversation.roleOf(last - 1) != "assistant")
        --last;
    return rendered(conversation, last == 0 ? 0 : last - 1, true).text;
}

} // namespace tw
