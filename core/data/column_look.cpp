// SPDX-License-Identifier: Apache-2.0
#include "core/data/column_look.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/conversation.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tw {
namespace {

constexpr std::int64_t kRows = 50; // our choice: enough to tell a label from a text

bool isList(const std::string& cell)
{
    return cell.starts_with('[') && Json::accept(cell);
}

void lookAt(const std::string& cell, ColumnLook& look)
{
    if (cell.empty())
        return;
    look.values.insert(cell);
    look.characters += cell.size();
    ++look.filled;
    look.areLists = look.areLists && isList(cell);
    look.areMessages = look.areMessages && look.areLists && holdsMessages(cell);
    look.areReplies = look.areReplies && look.areMessages && holdsReply(cell);
}

} // namespace

std::string plainColumnName(const std::string& name)
{
    std::string plain;
    for (const char c : trimmed(name))
        plain += c == ' ' || c == '-'
            ? '_'
            : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return plain;
}

double ColumnLook::meanLength() const
{
    return filled == 0 ? 0.0 : static_cast<double>(characters) / static_cast<double>(filled);
}

bool ColumnLook::isLabel(std::int64_t rows) const
{
    return filled == rows && meanLength() < 20
        && static_cast<std::int64_t>(values.size()) * 4 <= rows;
}

DatasetLook::DatasetLook(const Dataset& dataset)
    : rows(std::min(dataset.rowCount(), kRows))
{
    for (const std::string& name : dataset.columns()) {
        columns.emplace_back();
        columns.back().name = plainColumnName(name);
    }
    for (std::int64_t r = 0; r < rows; ++r) {
        const auto cells = dataset.row(r);
        for (std::size_t c = 0; c < std::min(cells.size(), columns.size()); ++c)
            lookAt(cells[c], columns[c]);
    }
    for (ColumnLook& column : columns) {
        column.areLists = column.areLists && column.isFilled();
        column.areMessages = column.areMessages && column.isFilled();
        column.areReplies = column.areReplies && column.isFilled();
    }
}

std::optional<std::size_t> DatasetLook::column(const std::vector<std::string_view>& names) const
{
    for (const std::string_view name : names) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].name == name)
                return i;
        }
    }
    return std::nullopt;
}

std::optional<ColumnPair> textPair(const DatasetLook& look)
{
    static constexpr std::array<std::array<std::string_view, 2>, 8> kPairs {
        {{"premise", "hypothesis"},
         {"sentence1", "sentence2"},
         {"sentence_1", "sentence_2"},
         {"text1", "text2"},
         {"text_a", "text_b"},
         {"question1", "question2"},
         {"anchor", "positive"},
         {"query", "passage"}}};
    for (const auto& [one, other] : kPairs) {
        const auto first = look.column({one});
        const auto second = look.column({other});
        if (first && second && look.columns[*first].isFilled() && look.columns[*second].isFilled())
            return ColumnPair {*first, *second};
    }
    return std::nullopt;
}

std::optional<ColumnPair> wordsWithLabels(const DatasetLook& look)
{
    const auto words = look.column({"tokens", "words"});
    const auto tags = look.column({"ner_tags", "pos_tags", "chunk_tags", "tags", "labels"});
    if (!words || !tags || !look.columns[*words].areLists || !look.columns[*tags].areLists)
        return std::nullopt;
    return ColumnPair {*words, *tags};
}

} // namespace tw
