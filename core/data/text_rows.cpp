// SPDX-License-Identifier: Apache-2.0
// Texts, and prompts with an answer: for models that write, with one stack or two.
#include "core/base/text.h"
#include "core/data/liked.h"
#include "core/data/row_cut.h"
#include "core/data/spoken_text.h"
#include "core/data/weights.h"

namespace tw {
namespace {

constexpr const char* kHowToMakeRows =
    "Give one column the role text, one the role messages, or two the roles prompt and answer.";

/// Whether rows are plain texts; throws Error where they are not, and nothing else either.
bool areTexts(const FormParts& parts)
{
    const bool hasAnswer = parts.has(Role::Answer) || parts.has(Role::Chosen);
    const bool isPair = parts.has(Role::Prompt) && hasAnswer;
    const bool isTalk = parts.has(Role::Messages) || parts.has(Role::Chosen);
    const bool isText = parts.has(Role::Text) && !isPair && !isTalk;
    if (!isText && !isPair && !isTalk)
        throw Error("The columns do not make a row.", kHowToMakeRows);
    return isText;
}

/// Without a column of prompts, the conversation has to bring its own.
void checkAsked(const FormParts& parts, const RowCells& cells)
{
    if (!parts.has(Role::Prompt) && cells.messages.empty() && !holdsMessages(cells.answer)
        && !trimmed(cells.answer).empty())
        throw Error("The row has an answer, but nobody asks.", "Give a column the role prompt.");
}

class TextForm : public RowForm
{
public:
    explicit TextForm(const FormParts& parts)
        : m_parts(parts)
        , m_areTexts(areTexts(parts))
        , m_spoken(parts)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        if (m_areTexts)
            return m_spoken.text(cells);
        checkAsked(m_parts, cells);
        return m_spoken.answered(cells);
    }
    std::vector<std::int64_t> promptIds(const RowCells& cells) const override
    {
        return m_areTexts ? m_parts.tokenizer->encode("", true).ids : m_spoken.promptIds(cells);
    }

private:
    FormParts m_parts;
    bool m_areTexts;
    SpokenText m_spoken;
};

/// The encoder reads the prompt, as the layout puts it; the decoder writes the answer alone.
class AnswerForm final : public RowForm
{
public:
    explicit AnswerForm(const FormParts& parts)
        : m_parts(parts)
        , m_areTexts(areTexts(parts))
        , m_spoken(parts)
    {
    }

    TokenizedRow row(const RowCells& cells) const override
    {
        if (m_areTexts)
            return halves(cells.text);
        checkAsked(m_parts, cells);
        const std::string answer = m_parts.isChat() ? lastAnswer(cells) : cells.answer;
        if (trimmed(answer).empty())
            throw Error("The answer is empty.", "Fill it in, or leave the row out.");
        TokenizedRow row = answered(sourceOf(cells), answer);
        if (const float weight = rowWeight(cells.weights); weight == 0.0F)
            row.isTrained.assign(row.ids.size(), 0);
        else if (weight != 1.0F)
            row.weights.assign(row.ids.size(), weight);
        return row;
    }
    std::vector<std::int64_t> promptIds(const RowCells& cells) const override
    {
        return m_areTexts ? std::vector<std::int64_t> {} : sourceOf(cells);
    }

private:
    std::vector<std::int64_t> sourceOf(const RowCells& cells) const
    {
        const std::string prompt = m_spoken.prompt(cells);
        return m_parts.tokenizer
            ->encode(m_parts.isChat() ? prompt : trimmed(prompt), !m_parts.isChat())
            .ids;
    }

    std::string lastAnswer(const RowCells& cells) const
    {
        const Conversation conversation = conversationFrom(cells, m_parts.options.system);
        std::size_t last = conversation.messages.size();
        while (last > 0 && conversation.roleOf(last - 1) != "assistant")
            --last;
        return last == 0 ? std::string {} : conversation.textOf(last - 1);
    }

    /// A text that stands alone: its first half is read, the other written.
    TokenizedRow halves(const std::string& text) const
    {
        std::size_t middle = text.find_first_of(" \n", text.size() / 2);
        if (middle == std::string::npos)
            middle = text.rfind(' ');
        if (middle == std::string::npos || trimmed(text.substr(middle)).empty())
            throw Error("The text is too short to be read and gone on with.",
                        "Give a prompt and an answer, or a longer text.");
        return answered(m_parts.tokenizer->encode(text.substr(0, middle), true).ids,
                        trimmed(text.substr(middle)));
    }

    TokenizedRow answered(std::vector<std::int64_t> source, const std::string& answer) const
    {
        const auto most = static_cast<std::size_t>(m_parts.options.maxLength);
        TokenizedRow row;
        row.ids = m_parts.tokenizer->encode(answer, true).ids;
        const auto eos = m_parts.tokenizer->specialTokens().eos;
        if (eos && (row.ids.empty() || row.ids.back() != *eos))
            row.ids.push_back(*eos);
        row.kinds.assign(row.ids.size() + 1, TokenKind::Answer);
        row.kinds.front() = TokenKind::Template;
        row.isTrained.assign(row.ids.size() + 1, 1);
        row.isTrained.front() = 0;
        row.ids.insert(row.ids.begin(), m_parts.options.startId);
        cutAtEnd(row, m_parts.options.maxLength);
        if (source.size() > most) {
            row.cutTokens += static_cast<std::int64_t>(source.size() - most);
            source[most - 1] = source.back(); // the token that ends what is read
            source.resize(most);
        }
        row.source = std::move(source);
        return row;
    }

    FormParts m_parts;
    bool m_areTexts;
    SpokenText m_spoken;
};

class JudgedForm final : public TextForm
{
public:
    using TextForm::TextForm;

    TokenizedRow row(const RowCells& cells) const override
    {
        TokenizedRow row = TextForm::row(cells);
        row.labels = {isLiked(cells.label) ? 1.0 : 0.0};
        return row;
    }
};

} // namespace

std::unique_ptr<const RowForm> textForm(const FormParts& parts)
{
    return std::make_unique<const TextForm>(parts);
}

std::unique_ptr<const RowForm> answerForm(const FormParts& parts)
{
    if (parts.options.startId < 0)
        throw Error("The model does not say what its answers begin with.",
                    "Its config.json should have \"decoder_start_token_id\".");
    return std::make_unique<const AnswerForm>(parts);
}

std::unique_ptr<const RowForm> judgedForm(const FormParts& parts)
{
    if (!parts.has(Role::Label) || areTexts(parts))
        throw Error("The columns do not make a judged answer.",
                    "Give three columns the roles prompt, answer and label (true or false: whether "
                    "the answer is liked).");
    return std::make_unique<const JudgedForm>(parts);
}

} // namespace tw
