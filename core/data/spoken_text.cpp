// SPDX-License-Identifier: Apache-2.0
#include "core/data/spoken_text.h"

#include "core/base/text.h"
#include "core/data/row_cut.h"
#include "core/data/weights.h"

#include <optional>

namespace tw {
namespace {

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

/// Gives the tokens of each answer its weight; what weighs nothing is not trained.
void weigh(const LaidOutText& laidOut, const Encoding& encoding, TokenizedRow& row)
{
    row.weights.assign(row.ids.size(), 1.0F);
    std::size_t answer = 0; // the token that ends a turn belongs to the answer before it
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        if (row.kinds[i] != TokenKind::Answer)
            continue;
        for (std::size_t a = answer; a < laidOut.answers.size() && i < encoding.spans.size(); ++a) {
            if (overlaps(encoding.spans[i], laidOut.answers[a]))
                answer = a;
        }
        row.weights[i] = laidOut.weights[answer];
        if (row.weights[i] == 0.0F)
            row.isTrained[i] = 0;
    }
    if (std::ranges::all_of(row.weights, [](float weight) { return weight == 1.0F; }))
        row.weights.clear();
}

void readLastOnly(Conversation& conversation)
{
    for (std::size_t i = conversation.messages.size(); i > conversation.firstAnswer + 1; --i) {
        if (conversation.roleOf(i - 1) == "assistant") {
            conversation.firstAnswer = i - 1;
            return;
        }
    }
}

} // namespace

struct SpokenText::Renderer
{
    ConversationRenderer plain;
    std::optional<ConversationRenderer> withTools;

    const ConversationRenderer& of(const Conversation& conversation) const
    {
        return withTools && !conversation.tools.is_null() ? *withTools : plain;
    }
};

SpokenText::SpokenText(const FormParts& parts)
    : m_parts(parts)
{
    const LayoutOptions& options = m_parts.options;
    if (!needsTemplate(options.use, m_parts.roles))
        return;
    if (!m_parts.isChat()) {
        if (m_parts.has(Role::Messages))
            throw Error(std::string("Messages cannot be laid out as ") + layoutId(options.layout)
                            + ".",
                        "Choose the layout chat or chatml.");
        if (options.trainOn == TrainOn::Template)
            throw Error(std::string("The layout ") + layoutId(options.layout)
                            + " marks nothing as said by the assistant.",
                        "Learn from all answers instead, or choose the layout chat or chatml.");
        return;
    }
    if (options.layout == Layout::Chat && options.chatTemplate.empty())
        throw Error("The model brings no chat template.",
                    "Choose the layout chatml, alpaca or plain.");
    const bool isChatMl = options.layout == Layout::ChatMl;
    const Json specials = specialTokensOf(*m_parts.tokenizer);
    Renderer renderer {
        ConversationRenderer(jinja::Template(isChatMl ? kChatMl : options.chatTemplate), specials),
        std::nullopt};
    if (!isChatMl && !options.toolTemplate.empty())
        renderer.withTools.emplace(jinja::Template(options.toolTemplate), specials);
    m_renderer = std::make_shared<const Renderer>(std::move(renderer));
}

TokenizedRow SpokenText::text(const RowCells& cells) const
{
    LaidOutText laidOut;
    laidOut.text = cells.text + (cells.textPair.empty() ? "" : "\n\n") + cells.textPair;
    if (trimmed(laidOut.text).empty())
        throw Error("The text is empty.", "Fill it in, or leave the row out.");
    laidOut.answers.emplace_back(0, laidOut.text.size());
    laidOut.weights = {rowWeight(cells.weights)};
    return masked(laidOut, true);
}

TokenizedRow SpokenText::answered(const RowCells& cells) const
{
    const bool isTalk = m_renderer != nullptr;
    return masked(isTalk ? conversation(cells) : pair(cells), !isTalk);
}

LaidOutText SpokenText::conversation(const RowCells& cells) const
{
    Conversation conversation = conversationFrom(cells, m_parts.options.system);
    const TrainOn trainOn = m_parts.options.trainOn;
    if (trainOn == TrainOn::LastAnswer)
        readLastOnly(conversation);
    const ConversationRenderer& renderer = m_renderer->of(conversation);
    return trainOn == TrainOn::Template ? renderer.renderMarked(conversation)
                                        : renderer.render(conversation);
}

LaidOutText SpokenText::pair(const RowCells& cells) const
{
    if (holdsMessages(cells.prompt) || holdsMessages(cells.answer))
        throw Error(std::string("Messages cannot be laid out as ")
                        + layoutId(m_parts.options.layout) + ".",
                    "Choose the layout chat or chatml.");
    if (trimmed(cells.answer).empty())
        throw Error("The answer is empty.", "Fill it in, or leave the row out.");
    const std::string head = pairPrompt(cells);
    LaidOutText laidOut;
    laidOut.text = head + cells.answer;
    laidOut.answers.emplace_back(head.size(), laidOut.text.size());
    laidOut.weights = {rowWeight(cells.weights)};
    const std::size_t at = cells.prompt.empty() ? std::string::npos : head.rfind(cells.prompt);
    if (at != std::string::npos)
        laidOut.prompts.emplace_back(at, at + cells.prompt.size());
    return laidOut;
}

std::string SpokenText::pairPrompt(const RowCells& cells) const
{
    const LayoutOptions& options = m_parts.options;
    return options.layout == Layout::Alpaca ? alpacaPrompt(cells, options.system)
                                            : plainPrompt(cells, options.system);
}

std::string SpokenText::prompt(const RowCells& cells) const
{
    if (m_renderer == nullptr)
        return pairPrompt(cells);
    const Conversation conversation = conversationFrom(cells, m_parts.options.system);
    return m_renderer->of(conversation).promptOf(conversation);
}

std::vector<std::int64_t> SpokenText::promptIds(const RowCells& cells) const
{
    const Tokenizer& tokenizer = *m_parts.tokenizer;
    if (m_renderer != nullptr)
        return tokenizer.encode(prompt(cells), false).ids;
    std::vector<std::int64_t> ids = tokenizer.encode(prompt(cells), true).ids;
    const auto eos = tokenizer.specialTokens().eos;
    if (eos && !ids.empty() && ids.back() == *eos)
        ids.pop_back(); // a post-processor may close what has to go on
    return ids;
}

TokenizedRow SpokenText::masked(const LaidOutText& laidOut, bool withEnd) const
{
    const Tokenizer& tokenizer = *m_parts.tokenizer;
    const Encoding encoding = tokenizer.encode(laidOut.text, withEnd);
    TokenizedRow row;
    row.ids = encoding.ids;
    for (std::size_t i = 0; i < row.ids.size(); ++i) {
        const bool isAdded =
            i >= encoding.spans.size() || encoding.spans[i].first == encoding.spans[i].second;
        row.kinds.push_back(isAdded ? TokenKind::Template : kindOf(encoding.spans[i], laidOut));
        const bool isOpenEnd = !isAdded && tokenizer.isSpecial(row.ids[i])
            && std::ranges::find(laidOut.openEnds, encoding.spans[i].first)
                != laidOut.openEnds.end();
        if (isOpenEnd)
            row.kinds.back() = TokenKind::Answer;
    }
    const auto eos = tokenizer.specialTokens().eos;
    if (withEnd && eos) {
        if (row.ids.empty() || row.ids.back() != *eos) {
            row.ids.push_back(*eos);
            row.kinds.push_back(TokenKind::Answer);
        }
        row.kinds.back() = TokenKind::Answer; // where to stop is part of the answer
    }
    const TrainOn trainOn = m_parts.options.trainOn;
    if (!withEnd && trainOn != TrainOn::Template)
        dropBehindTurns(laidOut, encoding, row.kinds);
    for (const TokenKind kind : row.kinds)
        row.isTrained.push_back(trainOn == TrainOn::Everything || kind == TokenKind::Answer ? 1
                                                                                            : 0);
    if (!laidOut.weights.empty())
        weigh(laidOut, encoding, row);
    cutAtEnd(row, m_parts.options.maxLength);
    return row;
}

/// The line break that follows the end of a turn belongs to the template: nobody has to learn to
/// say it.
void SpokenText::dropBehindTurns(const LaidOutText& laidOut,
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
               && !m_parts.tokenizer->isSpecial(encoding.ids[end])
               && isBlankToken(laidOut.text, encoding.spans[end]))
            --end;
        if (!m_parts.tokenizer->isSpecial(encoding.ids[end]))
            continue; // no token ends the turn: the blanks are all there is
        for (std::size_t i = end + 1; i <= last; ++i)
            kinds[i] = TokenKind::Template;
    }
}

} // namespace tw
