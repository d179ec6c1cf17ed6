// SPDX-License-Identifier: Apache-2.0
#include "core/data/row_layout.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace tw {
namespace {

struct LayoutName
{
    RowLayout layout;
    const char* id;
    const char* title;
};

constexpr std::array kNames {
    LayoutName {RowLayout::OpenAiMessages, "messages",
                QT_TRANSLATE_NOOP("data", "Conversations (role and content)")},
    LayoutName {RowLayout::ShareGpt, "sharegpt",
                QT_TRANSLATE_NOOP("data", "ShareGPT conversations (from and value)")},
    LayoutName {RowLayout::Preference, "preference",
                QT_TRANSLATE_NOOP("data", "Preference pairs (chosen and rejected)")},
    LayoutName {RowLayout::LabelledAnswers, "kto",
                QT_TRANSLATE_NOOP("data", "Answers that were liked or not (KTO)")},
    LayoutName {RowLayout::Alpaca, "alpaca",
                QT_TRANSLATE_NOOP("data", "Alpaca instructions (instruction, input, output)")},
    LayoutName {RowLayout::Completion, "completion",
                QT_TRANSLATE_NOOP("data", "Prompts and answers")},
    LayoutName {RowLayout::TokenLabels, "token_labels",
                QT_TRANSLATE_NOOP("data", "Words with a label each")},
    LayoutName {RowLayout::TextPairs, "text_pairs", QT_TRANSLATE_NOOP("data", "Pairs of texts")},
    LayoutName {RowLayout::Classification, "classification",
                QT_TRANSLATE_NOOP("data", "Things with a label")},
    LayoutName {RowLayout::Text, "text", QT_TRANSLATE_NOOP("data", "Text")},
    LayoutName {RowLayout::Other, "other", QT_TRANSLATE_NOOP("data", "A table")},
};

const LayoutName& nameOf(RowLayout layout)
{
    const auto it = std::find_if(kNames.begin(), kNames.end(),
                                 [&](const LayoutName& name) { return name.layout == layout; });
    return it == kNames.end() ? kNames.back() : *it;
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

/// Columns by name, and the cells of the first rows.
class Look
{
public:
    Look(const Dataset& dataset, const ColumnRoles& roles)
        : m_dataset(dataset)
        , m_roles(roles)
    {
        constexpr std::int64_t kRows = 50; // our choice: enough to see what a column holds
        for (std::int64_t r = 0; r < std::min(kRows, dataset.rowCount()); ++r)
            m_rows.push_back(dataset.row(r));
    }

    bool has(Role role) const
    {
        return std::any_of(m_roles.begin(), m_roles.end(),
                           [&](const auto& known) { return known.second == role; });
    }
    std::optional<std::size_t> column(const std::vector<std::string_view>& names) const
    {
        const auto& columns = m_dataset.columns();
        for (const std::string_view name : names) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                if (plainName(columns[i]) == name)
                    return i;
            }
        }
        return std::nullopt;
    }
    std::optional<std::size_t> column(Role role) const
    {
        const auto& columns = m_dataset.columns();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto it = m_roles.find(columns[i]);
            if (it != m_roles.end() && it->second == role)
                return i;
        }
        return std::nullopt;
    }
    /// Whether every filled cell of the column passes, and at least one is filled.
    template <typename Test>
    bool all(std::size_t column, Test test) const
    {
        bool isFilled = false;
        for (const auto& row : m_rows) {
            if (column >= row.size() || row[column].empty())
                continue;
            isFilled = true;
            if (!test(row[column]))
                return false;
        }
        return isFilled;
    }

private:
    const Dataset& m_dataset;
    const ColumnRoles& m_roles;
    std::vector<std::vector<std::string>> m_rows;
};

std::optional<Json> listIn(const std::string& cell)
{
    if (!cell.starts_with('[') || !Json::accept(cell))
        return std::nullopt;
    Json json = parseJson(cell, "cell");
    return json.is_array() ? std::optional(std::move(json)) : std::nullopt;
}

bool isShareGpt(const std::string& cell)
{
    const auto list = listIn(cell);
    return list && !list->empty() && list->front().is_object() && list->front().contains("from");
}

bool isYesOrNo(const std::string& cell)
{
    std::string word;
    for (const char c : cell)
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return word == "true" || word == "false" || word == "0" || word == "1";
}

bool isList(const std::string& cell)
{
    return listIn(cell).has_value();
}

bool isPair(const Look& look)
{
    static const std::array<std::array<std::string_view, 2>, 8> kPairs {
        {{"premise", "hypothesis"},
         {"sentence1", "sentence2"},
         {"sentence_1", "sentence_2"},
         {"text1", "text2"},
         {"text_a", "text_b"},
         {"question1", "question2"},
         {"anchor", "positive"},
         {"query", "passage"}}};
    return std::any_of(kPairs.begin(), kPairs.end(), [&](const auto& pair) {
        return look.column({pair[0]}) && look.column({pair[1]});
    });
}

bool isTokenLabels(const Look& look)
{
    const auto words = look.column({"tokens", "words"});
    const auto tags = look.column({"ner_tags", "pos_tags", "chunk_tags", "tags", "labels"});
    return words && tags && look.all(*words, isList) && look.all(*tags, isList);
}

bool isKto(const Look& look)
{
    const auto label = look.column({"label", "liked", "desirable", "thumbs_up"});
    return look.column({"prompt"}) && look.column({"completion", "response", "answer"}) && label
        && look.all(*label, isYesOrNo);
}

} // namespace

const char* rowLayoutId(RowLayout layout)
{
    return nameOf(layout).id;
}

const char* rowLayoutTitle(RowLayout layout)
{
    return nameOf(layout).title;
}

RowLayout recogniseLayout(const Dataset& dataset, const ColumnRoles& roles)
{
    const Look look(dataset, roles);
    const bool isPreference = look.has(Role::Chosen) && look.has(Role::Rejected);
    if (isPreference || (look.column({"chosen"}) && look.column({"rejected"}))) // or talks that are
        return RowLayout::Preference;
    if (const auto messages = look.column(Role::Messages))
        return look.all(*messages, isShareGpt) ? RowLayout::ShareGpt : RowLayout::OpenAiMessages;
    if (isKto(look))
        return RowLayout::LabelledAnswers;
    if (look.column({"instruction"}) && look.column({"output", "response"}))
        return RowLayout::Alpaca;
    if (isTokenLabels(look))
        return RowLayout::TokenLabels;
    if (isPair(look))
        return RowLayout::TextPairs;
    if (look.has(Role::Prompt) && look.has(Role::Answer))
        return RowLayout::Completion;
    if (look.has(Role::Label) && (look.has(Role::Text) || look.column({"image", "audio"})))
        return RowLayout::Classification;
    return look.has(Role::Text) ? RowLayout::Text : RowLayout::Other;
}

} // namespace tw
