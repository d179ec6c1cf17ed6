// SPDX-License-Identifier: Apache-2.0
#include "core/data/column_look.h"

#include <algorithm>

namespace tw {
namespace {

/// Names that data sets give a role, the usual ones first: the first that is there wins.
struct KnownNames
{
    Role role;
    std::vector<std::string> names;
};

const std::vector<KnownNames>& knownNames()
{
    static const std::vector<KnownNames> known {
        {Role::Messages,
         {"messages", "conversations", "conversation", "dialog", "dialogue", "chat"}},
        {Role::Chosen, {"chosen", "preferred", "chosen_response", "accepted", "preferred_output"}},
        {Role::Rejected, {"rejected", "dispreferred", "rejected_response", "non_preferred_output"}},
        {Role::System, {"system", "system_prompt", "system_message"}},
        {Role::Prompt,
         {"prompt", "instruction", "question", "input", "query", "user", "problem", "prefix",
          "request", "source", "rephrased_question", "human", "ask"}},
        {Role::Answer,
         {"answer", "response", "output", "completion", "solution", "reply", "target", "assistant",
          "suffix", "answers", "correct_answer", "gpt", "bot"}},
        {Role::Text,
         {"text", "sentence", "content", "statement", "document", "body", "passage", "review",
          "clear_document", "article", "story", "transcription", "transcript", "caption"}},
        {Role::Label,
         {"label", "labels", "class", "category", "sentiment", "target_label", "topic", "intent",
          "liked", "desirable", "thumbs_up"}},
        {Role::Image, {"image", "images", "picture", "image_path"}},
        {Role::Audio, {"audio", "audio_path"}},
    };
    return known;
}

/// What a question is about, or what an instruction is to be done with: read with the prompt.
bool goesWithPrompt(const std::string& name, bool isInstruction)
{
    return name == "context" || name == "passage" || name == "background" || name == "knowledge"
        || (isInstruction && name == "input");
}

class Guess
{
public:
    explicit Guess(const Dataset& dataset)
        : m_dataset(dataset)
        , m_look(dataset)
    {
    }

    ColumnRoles take()
    {
        if (areTokens())
            return byTokens();
        byNames();
        byMessages();
        byCompany();
        byContents();
        settle();
        bySeveralTexts();
        for (const std::string& column : m_dataset.columns())
            m_roles.emplace(column, Role::Ignore);
        return std::move(m_roles);
    }

private:
    const std::string& name(std::size_t column) const { return m_dataset.columns()[column]; }
    bool has(Role role) const
    {
        return std::any_of(m_roles.begin(), m_roles.end(),
                           [&](const auto& item) { return item.second == role; });
    }
    bool is(std::size_t column, Role role) const
    {
        const auto it = m_roles.find(name(column));
        return it != m_roles.end() && it->second == role;
    }
    void drop(Role role)
    {
        std::erase_if(m_roles, [&](const auto& item) { return item.second == role; });
    }

    void byNames()
    {
        const auto& columns = m_look.columns;
        for (const KnownNames& known : knownNames()) {
            for (const std::string& wanted : known.names) {
                const auto at = m_look.column({wanted});
                if (!at || !columns[*at].isFilled() || m_roles.contains(name(*at)))
                    continue;
                if (known.role == Role::Messages && !columns[*at].areMessages)
                    continue;
                m_roles[name(*at)] = known.role;
                break;
            }
        }
    }

    /// Whether somebody tokenised the rows already.
    bool areTokens() const
    {
        const auto isList = [&](const char* name) {
            const auto at = m_look.column({name});
            return at && m_look.columns[*at].areLists;
        };
        return isList("input_ids") || (isList("chosen_input_ids") && isList("rejected_input_ids"))
            || (isList("prompt_input_ids") && isList("completion_input_ids"));
    }

    ColumnRoles byTokens()
    {
        const auto endsWith = [](const std::string& column, const char* part) {
            return column == part || column.ends_with(std::string("_") + part);
        };
        for (std::size_t c = 0; c < m_look.columns.size(); ++c) {
            const ColumnLook& column = m_look.columns[c];
            const bool isPart = endsWith(column.name, "input_ids")
                || endsWith(column.name, "attention_mask")
                || endsWith(column.name, "token_type_ids") || endsWith(column.name, "labels");
            const bool isLabel = column.name == "label" || column.name == "labels";
            m_roles[name(c)] = isPart && column.areLists ? Role::Ids
                : isLabel                                ? Role::Label
                : column.name == "weights"               ? Role::Weights
                                                         : Role::Ignore;
        }
        return std::move(m_roles);
    }

    /// Whether the column is one side of a pair rather than a whole conversation.
    bool isPartOfPair(std::size_t column) const
    {
        const bool isSide = is(column, Role::Chosen) || is(column, Role::Answer);
        const bool isPreferred = is(column, Role::Chosen) && has(Role::Rejected);
        return isPreferred || is(column, Role::Rejected)
            || (isSide && m_look.columns[column].areReplies)
            || (is(column, Role::Prompt) && (has(Role::Answer) || has(Role::Chosen)));
    }

    void byMessages()
    {
        for (std::size_t c = 0; c < m_look.columns.size() && !has(Role::Messages); ++c) {
            if (m_look.columns[c].areMessages && !isPartOfPair(c))
                m_roles.insert_or_assign(name(c), Role::Messages);
        }
    }

    /// What other columns make of a column: an input beside an instruction, tools beside messages.
    void byCompany()
    {
        const auto& columns = m_look.columns;
        bool isTalk = has(Role::Messages);
        bool isInstruction = false;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            isTalk = isTalk || (isPartOfPair(c) && columns[c].areReplies)
                || (is(c, Role::Chosen) && columns[c].areMessages);
            isInstruction =
                isInstruction || (is(c, Role::Prompt) && columns[c].name == "instruction");
        }
        const bool isPair = !has(Role::Messages) && (has(Role::Answer) || has(Role::Chosen));
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const bool isFree = !m_roles.contains(name(c)) || is(c, Role::Text);
            if (isPair && isFree && goesWithPrompt(columns[c].name, isInstruction))
                m_roles[name(c)] = Role::Prompt;
            // By this very name the rows are laid out: see RowCells.
            if (isTalk && columns[c].isFilled() && name(c) == "tools")
                m_roles[name(c)] = Role::Tools;
            if (isTalk && columns[c].areLists && columns[c].name == "weights")
                m_roles[name(c)] = Role::Weights;
        }
    }

    bool isWordless() const
    {
        return !has(Role::Messages) && !has(Role::Prompt) && !has(Role::Text) && !has(Role::Chosen)
            && !(has(Role::Label) && isMedia());
    }
    bool isMedia() const { return has(Role::Image) || has(Role::Audio); }

    void byContents()
    {
        if (!isWordless())
            return;
        // The column with the longest texts is what is read; one with few values is its label.
        const auto& columns = m_look.columns;
        std::size_t longest = columns.size();
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const bool isSplit = isMedia() && columns[c].name == "split";
            if (m_roles.contains(name(c)) || !columns[c].isFilled() || isSplit)
                continue;
            if (!has(Role::Label) && columns.size() > 1 && columns[c].isLabel(m_look.rows))
                m_roles[name(c)] = Role::Label;
            else if (longest == columns.size()
                     || columns[c].meanLength() > columns[longest].meanLength())
                longest = c;
        }
        if (longest < columns.size())
            m_roles[name(longest)] = Role::Text;
    }

    /// One way to make a row is enough: messages before prompt and answer, those before text.
    void settle()
    {
        if (has(Role::Messages)) {
            for (const Role role : {Role::Prompt, Role::Answer, Role::Text, Role::System})
                drop(role);
        } else if (has(Role::Chosen) && has(Role::Rejected)) {
            for (const Role role : {Role::Answer, Role::Text})
                drop(role);
        } else if (has(Role::Prompt) && has(Role::Answer)) {
            drop(Role::Text);
        } else if (has(Role::Text)) {
            for (const Role role : {Role::Prompt, Role::Answer, Role::System})
                drop(role);
        }
    }

    /// Two texts that belong together, and words that have a label each.
    void bySeveralTexts()
    {
        if (has(Role::Messages) || has(Role::Chosen) || (has(Role::Prompt) && has(Role::Answer)))
            return;
        if (const auto words = wordsWithLabels(m_look)) {
            for (const Role role : {Role::Prompt, Role::Answer, Role::Text, Role::Label})
                drop(role);
            m_roles[name(words->first)] = Role::Words;
            m_roles[name(words->second)] = Role::Label;
        } else if (const auto pair = textPair(m_look)) {
            for (const Role role : {Role::Prompt, Role::Answer, Role::Text})
                drop(role);
            m_roles[name(pair->first)] = Role::Text;
            m_roles[name(pair->second)] = Role::TextPair;
        }
    }

    const Dataset& m_dataset;
    DatasetLook m_look;
    ColumnRoles m_roles;
};

} // namespace

bool namesRole(const std::string& column)
{
    const std::string name = plainColumnName(column);
    const auto& known = knownNames();
    return std::any_of(known.begin(), known.end(), [&](const KnownNames& one) {
        return std::find(one.names.begin(), one.names.end(), name) != one.names.end();
    });
}

ColumnRoles guessRoles(const Dataset& dataset)
{
    return Guess(dataset).take();
}

} // namespace tw
