// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/dataset.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

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
        {Role::Chosen, {"chosen", "preferred", "chosen_response", "accepted"}},
        {Role::Rejected, {"rejected", "dispreferred", "rejected_response"}},
        {Role::System, {"system", "system_prompt", "system_message"}},
        {Role::Prompt,
         {"prompt", "instruction", "question", "input", "query", "user", "problem", "prefix",
          "request", "source", "rephrased_question", "human", "ask"}},
        {Role::Answer,
         {"answer", "response", "output", "completion", "solution", "reply", "target", "assistant",
          "suffix", "answers", "correct_answer", "gpt", "bot"}},
        {Role::Text,
         {"text", "sentence", "content", "statement", "document", "body", "passage", "review",
          "clear_document", "article", "story"}},
        {Role::Label,
         {"label", "labels", "class", "category", "sentiment", "target_label", "topic", "intent"}},
    };
    return known;
}

std::string plainName(const std::string& name)
{
    std::string plain;
    for (const char c : trimmed(name))
        plain += c == ' ' || c == '-'
            ? '_'
            : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return plain;
}

/// What the first rows of a column look like.
struct ColumnLook
{
    std::set<std::string> values;
    std::int64_t filled = 0;
    std::size_t characters = 0;
    bool areMessages = true;

    double meanLength() const
    {
        return filled == 0 ? 0.0 : static_cast<double>(characters) / static_cast<double>(filled);
    }
    bool isLabel(std::int64_t rows) const
    {
        // Few short values that come again and again.
        return filled == rows && meanLength() < 20
            && static_cast<std::int64_t>(values.size()) * 4 <= rows;
    }
};

bool looksLikeMessages(const std::string& cell)
{
    if (!cell.starts_with('[') || !Json::accept(cell))
        return false;
    const Json json = parseJson(cell, "cell");
    if (!json.is_array() || json.empty() || !json.front().is_object())
        return false;
    const Json& first = json.front();
    return (first.contains("role") && first.contains("content"))
        || (first.contains("from") && first.contains("value"));
}

std::vector<ColumnLook> looksOf(const Dataset& dataset, std::int64_t rows)
{
    std::vector<ColumnLook> looks(dataset.columns().size());
    for (std::int64_t r = 0; r < rows; ++r) {
        const auto cells = dataset.row(r);
        for (std::size_t c = 0; c < cells.size(); ++c) {
            if (cells[c].empty())
                continue;
            looks[c].values.insert(cells[c]);
            looks[c].characters += cells[c].size();
            ++looks[c].filled;
            looks[c].areMessages = looks[c].areMessages && looksLikeMessages(cells[c]);
        }
    }
    return looks;
}

class Guess
{
public:
    explicit Guess(const Dataset& dataset)
        : m_dataset(dataset)
        , m_rows(std::min<std::int64_t>(dataset.rowCount(),
                                        50)) // our choice: enough to tell a label from a text
        , m_looks(looksOf(dataset, m_rows))
    {
    }

    ColumnRoles take()
    {
        byNames();
        byContents();
        settle();
        for (const std::string& column : m_dataset.columns())
            m_roles.emplace(column, Role::Ignore);
        return std::move(m_roles);
    }

private:
    bool has(Role role) const
    {
        return std::any_of(m_roles.begin(), m_roles.end(),
                           [&](const auto& item) { return item.second == role; });
    }
    const std::string* columnOf(Role role) const
    {
        for (const auto& [name, known] : m_roles) {
            if (known == role)
                return &name;
        }
        return nullptr;
    }
    void drop(Role role)
    {
        while (const std::string* name = columnOf(role))
            m_roles.erase(*name);
    }
    bool isFilled(std::size_t column) const { return m_looks[column].filled > 0; }

    void byNames()
    {
        const auto& columns = m_dataset.columns();
        for (const KnownNames& known : knownNames()) {
            for (const std::string& name : known.names) {
                const auto it =
                    std::find_if(columns.begin(), columns.end(),
                                 [&](const auto& column) { return plainName(column) == name; });
                const auto at = static_cast<std::size_t>(it - columns.begin());
                if (it == columns.end() || !isFilled(at) || m_roles.contains(*it))
                    continue;
                if (known.role == Role::Messages && !m_looks[at].areMessages)
                    continue;
                m_roles[*it] = known.role;
                break;
            }
        }
    }

    void byContents()
    {
        const auto& columns = m_dataset.columns();
        for (std::size_t c = 0; c < columns.size() && !has(Role::Messages); ++c) {
            if (isFilled(c) && m_looks[c].areMessages)
                m_roles.insert_or_assign(columns[c], Role::Messages);
        }
        if (has(Role::Messages) || has(Role::Prompt) || has(Role::Text) || has(Role::Chosen))
            return;
        // The column with the longest texts is what is read; one with few values is its label.
        std::size_t longest = columns.size();
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (m_roles.contains(columns[c]) || !isFilled(c))
                continue;
            if (!has(Role::Label) && columns.size() > 1 && m_looks[c].isLabel(m_rows))
                m_roles[columns[c]] = Role::Label;
            else if (longest == columns.size()
                     || m_looks[c].meanLength() > m_looks[longest].meanLength())
                longest = c;
        }
        if (longest < columns.size())
            m_roles[columns[longest]] = Role::Text;
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

    const Dataset& m_dataset;
    std::int64_t m_rows;
    std::vector<ColumnLook> m_looks;
    ColumnRoles m_roles;
};

} // namespace

bool namesRole(const std::string& column)
{
    const std::string name = plainName(column);
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
