// SPDX-License-Identifier: Apache-2.0
#include "core/data/layout.h"

#include "core/base/text.h"
#include "core/data/answer_spans.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tw {
namespace {

struct LayoutName
{
    Layout layout;
    const char* id;
};

constexpr std::array kLayouts {
    LayoutName {Layout::Chat, "chat"},
    LayoutName {Layout::ChatMl, "chatml"},
    LayoutName {Layout::Alpaca, "alpaca"},
    LayoutName {Layout::Plain, "plain"},
};

struct UseName
{
    RowUse use;
    const char* id;
};

constexpr std::array kUses {
    UseName {RowUse::Text, "text"},
    UseName {RowUse::Answer, "answer"},
    UseName {RowUse::Preference, "preference"},
    UseName {RowUse::Judged, "judged"},
    UseName {RowUse::Labels, "labels"},
    UseName {RowUse::TokenLabels, "tokenLabels"},
};

struct TrainOnName
{
    TrainOn trainOn;
    const char* id;
};

constexpr std::array kTrainOn {
    TrainOnName {TrainOn::Answers, "answers"},
    TrainOnName {TrainOn::LastAnswer, "lastAnswer"},
    TrainOnName {TrainOn::Template, "template"},
    TrainOnName {TrainOn::Everything, "everything"},
};

constexpr const char* kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}"
    "{%- if message.role == 'assistant' -%}"
    "{% generation %}{{- message.content or '' }}<|im_end|>{% endgeneration %}"
    "{%- else -%}{{- message.content or '' }}<|im_end|>{%- endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// The headings of Stanford Alpaca's prompt, whose introduction a system message replaces.
constexpr const char* kAlpacaIntroduction = "Below is an instruction that describes a task. Write "
                                            "a response that appropriately completes the request.";

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool has(const ColumnRoles& roles, Role role)
{
    return std::any_of(roles.begin(), roles.end(),
                       [&](const auto& item) { return item.second == role; });
}

std::string alpacaPrompt(const RowCells& cells, const std::string& system)
{
    const std::string& given = cells.system.empty() ? system : cells.system;
    return (given.empty() ? std::string(kAlpacaIntroduction) : given) + "\n\n### Instruction:\n"
        + cells.prompt + "\n\n### Response:\n";
}

/// Prompt and answer as they stand; a line break parts them where neither brings a blank.
std::string plainPrompt(const RowCells& cells, const std::string& system)
{
    const std::string& given = cells.system.empty() ? system : cells.system;
    const std::string head = given.empty() ? std::string {} : given + "\n\n";
    const bool isParted = cells.prompt.empty() || isBlank(cells.prompt.back())
        || (!cells.answer.empty() && isBlank(cells.answer.front()));
    return head + cells.prompt + (isParted ? "" : "\n");
}

bool overlaps(const std::pair<std::size_t, std::size_t>& token, const LaidOutText::Span& span)
{
    return token.first < span.second && token.second > span.first;
}

TokenKind kindOf(const std::pair<std::size_t, std::size_t>& token, const LaidOutText& laidOut)
{
    const auto isIn = [&](const auto& spans) {
        return std::any_of(spans.begin(), spans.end(),
                           [&](const auto& span) { return overlaps(token, span); });
    };
    if (isIn(laidOut.answers))
        return TokenKind::Answer;
    return isIn(laidOut.prompts) ? TokenKind::Prompt : TokenKind::Template;
}

bool isBlankToken(const std::string& text, const std::pair<std::size_t, std::size_t>& span)
{
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(span.first),
                       text.begin() + static_cast<std::ptrdiff_t>(span.second), isBlank);
}

} // namespace

const char* rowUseId(RowUse use)
{
    return std::ranges::find(kUses, use, &UseName::use)->id;
}

const char* trainOnId(TrainOn trainOn)
{
    return std::ranges::find(kTrainOn, trainOn, &TrainOnName::trainOn)->id;
}

TrainOn trainOnFrom(const std::string& id)
{
    std::vector<std::string> known;
    for (const TrainOnName& name : kTrainOn) {
        if (id == name.id)
            return name.trainOn;
        known.emplace_back(name.id);
    }
    throw Error("There is no way \"" + id + "\" to choose the trained tokens.",
                "Choose one of: " + join(known, ", ") + ".");
}

const char* layoutId(Layout layout)
{
    for (const LayoutName& name : kLayouts) {
        if (name.layout == layout)
            return name.id;
    }
    return "chat";
}

Layout layoutFrom(const std::string& id)
{
    for (const LayoutName& name : kLayouts) {
        if (name.id == id)
            return name.layout;
    }
    throw Error("There is no layout \"" + id + "\".", "Known: chat, chatml, alpaca, plain.");
}

struct RowTokenizer::Renderer
{
    ConversationRenderer plain;
    std::optional<ConversationRenderer> withTools;

    const ConversationRenderer& of(const Conversation& conversation) const
    {
        return withTools && !conversation.tools.is_null() ? *withTools : plain;
    }
};

RowTokenizer::RowTokenizer(std::shared_ptr<const Tokenizer> tokenizer,
                           ColumnRoles roles,
                           LayoutOptions options)
    : m_tokenizer(std::move(tokenizer))
    , m_roles(std::move(roles))
    , m_options(std::move(options))
{
    const bool hasAnswer = has(m_roles, Role::Answer) || has(m_roles, Role::Chosen);
    const bool isPair = has(m_roles, Role::Prompt) && hasAnswer;
    m_isText = has(m_roles, Role::Text) && !isPair && !has(m_roles, Role::Messages);
    if (!m_isText && !isPair && !has(m_roles, Role::Messages))
        throw Error("The columns do not make a row.",
                    "Give one column the role text, one the role messages, or two the roles prompt "
                    "and answer.");
    const bool isChat = m_options.layout == Layout::Chat || m_options.layout == Layout::ChatMl;
    if (has(m_roles, Role::Messages) && !isChat)
        throw Error(std::string("Messages cannot be laid out as ") + layoutId(m_options.layout)
                        + ".",
                    "Choose the layout chat or chatml.");
    if (m_options.maxLength < 1)
        throw Error("The longest row has to have at least one token.", "Raise the maximum length.");
    if (m_isText || !isChat)
        return;
    if (m_options.layout == Layout::Chat && m_options.chatTemplate.empty())
        throw Error("The model brings no chat template.",
                    "Choose the layout chatml, alpaca or plain.");
    const bool isChatMl = m_options.layout == Layout::ChatMl;
    const Json specials = specialTokensOf(*m_tokenizer);
    Renderer renderer {ConversationRenderer(
                           jinja::Template(isChatMl ? kChatMl : m_options.chatTemplate), specials),
                       std::nullopt};
    if (!isChatMl && !m_options.toolTemplate.empty())
        renderer.withTools.emplace(jinja::Template(m_options.toolTemplate), specials);
    m_renderer = std::make_shared<const Renderer>(std::move(renderer));
}

TokenizedRow RowTokenizer::tokenize(const Dataset& dataset, std::int64_t row) const
{
    try {
        const RowCells cells(dataset, m_roles, row);
        if (m_isText)
            return tokenizeText(cells.text);
        if (m_renderer != nullptr) {
            const Conversation conversation = conversationFrom(cells, m_options.system);
            return masked(m_renderer->of(conversation).render(conversation), false);
        }
        if (holdsMessages(cells.prompt) || holdsMessages(cells.answer))
            throw Error(std::string("Messages cannot be laid out as ") + layoutId(m_options.layout)
                            + ".",
                        "Choose the layout chat or chatml.");
        return tokenizePair(cells.prompt, cells.answer, pairPrompt(cells));
    } catch (const Error& error) {
        throw Error(placeOf(dataset, row) + error.what(), error.hint());
    }
}

std::vector<std::int64_t> RowTokenizer::promptIds(const Dataset& dataset, std::int64_t row) const
{
    try {
        const RowCells cells(dataset, m_roles, row);
        if (m_isText)
            return m_tokenizer->encode("", true).ids;
        if (m_renderer != nullptr) {
            const Conversation conversation = conversationFrom(cells, m_options.system);
            return m_tokenizer->encode(m_renderer->of(conversation).promptOf(conversation), false)
                .ids;
        }
        std::vector<std::int64_t> ids = m_tokenizer->encode(pairPrompt(cells), true).ids;
        const auto eos = m_tokenizer->specialTokens().eos;
        if (eos && !ids.empty() && ids.back() == *eos)
            ids.pop_back(); // a post-processor may close what has to go on
        return ids;
    } catch (const Error& error) {
        throw Error(placeOf(dataset, row) + error.what(), error.hint());
    }
}

std::string RowTokenizer::placeOf(const Dataset& dataset, std::int64_t row) const
{
    const std::int64_t line = dataset.lineOf(row);
    return "Row " + std::to_string(row + 1)
        + (line > 0 ? " (line " + std::to_string(line) + ")" : "") + ": ";
}

std::string RowTokenizer::pairPrompt(const RowCells& cells) const
{
    return m_options.layout == Layout::Alpaca ? alpacaPrompt(cells, m_options.system)
                                              : plainPrompt(cells, m_options.system);
}

TokenizedRow RowTokenizer::tokenizeText(const std::string& text) const
{
    if (trimmed(text).empty())
        throw Error("The text is empty.", "Fill it in, or leave the row out.");
    LaidOutText laidOut;
    laidOut.text = text;
    laidOut.answers.emplace_back(0, text.size());
    return masked(laidOut, true);
}

TokenizedRow RowTokenizer::tokenizePair(const std::string& prompt,
                                        const std::string& answer,
                                        const std::string& head) const
{
    if (trimmed(answer).empty())
        throw Error("The answer is empty.", "Fill it in, or leave the row out.");
    LaidOutText laidOut;
    laidOut.text = head + answer;
    laidOut.answers.emplace_back(head.size(), laidOut.text.size());
    const std::size_t at = prompt.empty() ? std::string::npos : head.rfind(prompt);
    if (at != std::string::npos)
        laidOut.prompts.emplace_back(at, at + prompt.size());
    return masked(laidOut, true);
}

TokenizedRow RowTokenizer::masked(const LaidOutText& laidOut, bool withEnd) const
{
    const Encoding encoding = m_tokenizer->encode(laidOut.text, withEnd);
    TokenizedRow row;
    row.ids = encoding.ids;
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const bool isAdded =
            i >= encoding.spans.size() || encoding.spans[i].first == encoding.spans[i].second;
        row.kinds.push_back(isAdded ? TokenKind::Template : kindOf(encoding.spans[i], laidOut));
        const bool isOpenEnd = !isAdded && m_tokenizer->isSpecial(row.ids[i])
            && std::find(laidOut.openEnds.begin(), laidOut.openEnds.end(), encoding.spans[i].first)
                != laidOut.openEnds.end();
        if (isOpenEnd)
            row.kinds.back() = TokenKind::Answer;
    }
    const auto eos = m_tokenizer->specialTokens().eos;
    if (withEnd && eos) {
        if (row.ids.empty() || row.ids.back() != *eos) {
            row.ids.push_back(*eos);
            row.kinds.push_back(TokenKind::Answer);
        }
        row.kinds.back() = TokenKind::Answer; // where to stop is part of the answer
    }
    if (!withEnd)
        dropBehindTurns(laidOut, encoding, row.kinds);
    for (const TokenKind kind : row.kinds)
        row.isTrained.push_back(m_options.trainOnPrompt || kind == TokenKind::Answer ? 1 : 0);
    cut(row);
    return row;
}

/// The line break that follows the end of a turn belongs to the template: nobody has to learn to
/// say it.
void RowTokenizer::dropBehindTurns(const LaidOutText& laidOut,
                                   const Encoding& encoding,
                                   std::vector<TokenKind>& kinds) const
{
    for (const auto& span : laidOut.answers) {
        std::size_t last = encoding.ids.size();
        for (std::size_t i = 0; i < encoding.ids.size() && i < encoding.spans.size(); ++i) {
            if (kinds[i] == TokenKind::Answer && overlaps(encoding.spans[i], span))
                last = i;
        }
        if (last == encoding.ids.size())
            continue;
        std::size_t end = last;
        while (end > 0 && kinds[end] == TokenKind::Answer
               && !m_tokenizer->isSpecial(encoding.ids[end])
               && isBlankToken(laidOut.text, encoding.spans[end]))
            --end;
        if (!m_tokenizer->isSpecial(encoding.ids[end]))
            continue; // no token ends the turn: the blanks are all there is
        for (std::size_t i = end + 1; i <= last; ++i)
            kinds[i] = TokenKind::Template;
    }
}

void RowTokenizer::cut(TokenizedRow& row) const
{
    const auto kept = static_cast<std::size_t>(m_options.maxLength);
    if (row.ids.size() <= kept)
        return;
    row.cutTokens = static_cast<std::int64_t>(row.ids.size() - kept);
    row.ids.resize(kept);
    row.isTrained.resize(kept);
    row.kinds.resize(kept);
}

} // namespace tw
