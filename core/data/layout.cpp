// SPDX-License-Identifier: Apache-2.0
#include "core/data/layout.h"

#include "core/data/row_form.h"

namespace tw {
namespace {

using MakeForm = std::unique_ptr<const RowForm> (*)(const FormParts&);

MakeForm formOf(const LayoutOptions& options)
{
    if (options.medium != RowMedium::Text)
        return mediaForm;
    switch (options.use) {
    case RowUse::Text:
        return textForm;
    case RowUse::Answer:
        return answerForm;
    case RowUse::Preference:
        return preferenceForm;
    case RowUse::Judged:
        return judgedForm;
    case RowUse::Labels:
        return labelForm;
    case RowUse::TokenLabels:
        return tokenLabelForm;
    }
    return textForm;
}

std::string placeOf(const Dataset& dataset, std::int64_t row)
{
    const std::int64_t line = dataset.lineOf(row);
    return "Row " + std::to_string(row + 1)
        + (line > 0 ? " (line " + std::to_string(line) + ")" : "") + ": ";
}

} // namespace

std::int64_t targetCount(const TokenizedRow& row, RowUse use)
{
    if (use == RowUse::Labels)
        return row.labels.empty() ? 0 : 1;
    if (use == RowUse::TokenLabels)
        return std::ranges::count_if(row.tokenLabels,
                                     [](std::int64_t label) { return label >= 0; });
    std::int64_t count = row.isTrained.empty()
        ? 0
        : std::count(row.isTrained.begin() + 1, row.isTrained.end(), std::uint8_t {1});
    for (const TokenizedRow& rejected : row.rejected) {
        const std::int64_t other = targetCount(rejected, RowUse::Text);
        count = count == 0 || other == 0 ? 0 : count + other;
    }
    return count;
}

bool needsTemplate(RowUse use, const ColumnRoles& roles)
{
    const FormParts parts {nullptr, roles, {}};
    if (parts.has(Role::Ids) || use == RowUse::Labels || use == RowUse::TokenLabels)
        return false;
    const bool hasAnswer = parts.has(Role::Answer) || parts.has(Role::Chosen);
    const bool isPair = parts.has(Role::Prompt) && hasAnswer;
    return isPair || parts.has(Role::Messages) || parts.has(Role::Chosen);
}

RowTokenizer::RowTokenizer(std::shared_ptr<const Tokenizer> tokenizer,
                           ColumnRoles roles,
                           LayoutOptions options)
    : m_tokenizer(std::move(tokenizer))
    , m_roles(std::move(roles))
    , m_use(options.use)
{
    if (options.maxLength < 1)
        throw Error("The longest row has to have at least one token.", "Raise the maximum length.");
    const FormParts parts {m_tokenizer, m_roles, std::move(options)};
    m_form = parts.has(Role::Ids) ? givenForm(parts) : formOf(parts.options)(parts);
}

TokenizedRow RowTokenizer::tokenize(const Dataset& dataset, std::int64_t row) const
{
    try {
        return m_form->row(RowCells(dataset, m_roles, row));
    } catch (const Error& error) {
        throw Error(placeOf(dataset, row) + error.what(), error.hint());
    }
}

std::vector<std::int64_t> RowTokenizer::promptIds(const Dataset& dataset, std::int64_t row) const
{
    try {
        return m_form->promptIds(RowCells(dataset, m_roles, row));
    } catch (const Error& error) {
        throw Error(placeOf(dataset, row) + error.what(), error.hint());
    }
}

} // namespace tw
