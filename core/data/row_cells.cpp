// SPDX-License-Identifier: Apache-2.0
#include "core/data/row_cells.h"

#include "core/base/json.h"
#include "core/data/column_look.h"

#include <array>

namespace tw {
namespace {

/// SQuAD gives all answers that were accepted and where they stand; the first is learned. Other
/// cells stay as they are.
std::string oneAnswer(std::string cell)
{
    if (!cell.starts_with('{') || cell.find("\"answer_start\"") == std::string::npos
        || !Json::accept(cell))
        return cell;
    const Json json = parseJson(cell, "the answers");
    const auto texts = json.find("text");
    if (texts == json.end() || !texts->is_array())
        return cell;
    const bool hasText = !texts->empty() && texts->front().is_string();
    return hasText ? texts->front().get<std::string>() : std::string {};
}

} // namespace

RowCells::RowCells(const Dataset& dataset, const ColumnRoles& roles, std::int64_t row)
{
    std::vector<std::string> cells = dataset.row(row);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto it = roles.find(dataset.columns()[i]);
        const Role role = it == roles.end() ? Role::Ignore : it->second;
        if (dataset.columns()[i] == "tools" || role == Role::Tools)
            tools = cells[i];
        if (role == Role::Ids)
            ids[plainColumnName(dataset.columns()[i])] = cells[i];
        if (role == Role::Answer)
            cells[i] = oneAnswer(std::move(cells[i]));
        const std::array<std::pair<Role, std::string*>, 13> targets {{{Role::System, &system},
                                                                      {Role::Prompt, &prompt},
                                                                      {Role::Answer, &answer},
                                                                      {Role::Text, &text},
                                                                      {Role::TextPair, &textPair},
                                                                      {Role::Words, &words},
                                                                      {Role::Label, &label},
                                                                      {Role::Messages, &messages},
                                                                      {Role::Weights, &weights},
                                                                      {Role::Image, &image},
                                                                      {Role::Audio, &audio},
                                                                      {Role::Chosen, &chosen},
                                                                      {Role::Rejected, &rejected}}};
        for (const auto& [known, target] : targets) {
            if (known != role || cells[i].empty())
                continue;
            // Two columns of one role (instruction and input) read as two paragraphs.
            *target += (target->empty() ? "" : "\n\n") + cells[i];
        }
    }
    if (answer.empty())
        answer = chosen;
}

} // namespace tw
