// SPDX-License-Identifier: Apache-2.0
#include "core/data/row_layout.h"

#include "core/base/json.h"
#include "core/base/translate.h"
#include "core/data/column_look.h"

#include <algorithm>
#include <array>
#include <cctype>

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
    LayoutName {RowLayout::Tokens, "tokens", QT_TRANSLATE_NOOP("data", "Tokens (input_ids)")},
    LayoutName {RowLayout::TextPairs, "text_pairs", QT_TRANSLATE_NOOP("data", "Pairs of texts")},
    LayoutName {RowLayout::Captions, "captions",
                QT_TRANSLATE_NOOP("data", "Pictures with captions")},
    LayoutName {RowLayout::Transcripts, "transcripts",
                QT_TRANSLATE_NOOP("data", "Sounds with transcripts")},
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

/// Whether every filled cell of the column passes, and at least one is filled.
template <typename Test>
bool all(const ColumnLook& column, Test test)
{
    return column.isFilled() && std::all_of(column.values.begin(), column.values.end(), test);
}

bool isShareGpt(const std::string& cell)
{
    const Json list = parseJson(cell, "cell");
    return list.front().contains("from");
}

bool isYesOrNo(const std::string& cell)
{
    std::string word;
    for (const char c : cell)
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return word == "true" || word == "false" || word == "0" || word == "1";
}

bool isKto(const DatasetLook& look)
{
    const auto label = look.column({"label", "liked", "desirable", "thumbs_up"});
    return look.column({"prompt"}) && look.column({"completion", "response", "answer"}) && label
        && all(look.columns[*label], isYesOrNo);
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
    const DatasetLook look(dataset);
    const auto has = [&](Role wanted) {
        return std::any_of(roles.begin(), roles.end(),
                           [&](const auto& known) { return known.second == wanted; });
    };
    if (has(Role::Ids))
        return RowLayout::Tokens;
    const bool isPreference = has(Role::Chosen) && has(Role::Rejected);
    if (isPreference || (look.column({"chosen"}) && look.column({"rejected"}))) // or talks that are
        return RowLayout::Preference;
    for (std::size_t i = 0; i < look.columns.size(); ++i) {
        const auto it = roles.find(dataset.columns()[i]);
        if (it != roles.end() && it->second == Role::Messages)
            return look.columns[i].areMessages && all(look.columns[i], isShareGpt)
                ? RowLayout::ShareGpt
                : RowLayout::OpenAiMessages;
    }
    if (isKto(look))
        return RowLayout::LabelledAnswers;
    if (look.column({"instruction"}) && look.column({"output", "response"}))
        return RowLayout::Alpaca;
    if (wordsWithLabels(look))
        return RowLayout::TokenLabels;
    if (has(Role::Prompt) && has(Role::Answer))
        return RowLayout::Completion;
    if (textPair(look))
        return RowLayout::TextPairs;
    if (has(Role::Text) && has(Role::Image))
        return RowLayout::Captions;
    if (has(Role::Text) && has(Role::Audio))
        return RowLayout::Transcripts;
    if (has(Role::Label) && (has(Role::Text) || has(Role::Image) || has(Role::Audio)))
        return RowLayout::Classification;
    return has(Role::Text) ? RowLayout::Text : RowLayout::Other;
}

} // namespace tw
