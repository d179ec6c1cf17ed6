// SPDX-License-Identifier: Apache-2.0
#include "core/data/role_remarks.h"

#include "core/data/column_look.h"

#include <algorithm>
#include <array>

namespace tw {
namespace {

bool tellsMore(const std::string& name)
{
    static constexpr std::array<std::string_view, 10> kNames {
        "context",   "contexts",   "passage",  "passages", "document",
        "documents", "background", "evidence", "history",  "knowledge"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

} // namespace

Problems remarksOn(const Dataset& dataset, const ColumnRoles& roles)
{
    const auto has = [&](Role wanted) {
        return std::any_of(roles.begin(), roles.end(),
                           [&](const auto& known) { return known.second == wanted; });
    };
    const bool isAsked =
        has(Role::Messages) || (has(Role::Prompt) && (has(Role::Answer) || has(Role::Chosen)));
    const bool hasWords = isAsked || has(Role::Text);
    const DatasetLook look(dataset);
    Problems remarks;
    for (std::size_t c = 0; c < look.columns.size(); ++c) {
        const std::string& column = dataset.columns()[c];
        const auto it = roles.find(column);
        const Role role = it == roles.end() ? Role::Ignore : it->second;
        const ColumnLook& seen = look.columns[c];
        if (role == Role::Ignore && isAsked && seen.isFilled() && tellsMore(seen.name))
            remarks.push_back({"column " + column,
                               "It is left out, although the answers may depend on it.",
                               "Please check; where they do, put it into the prompts.", true});
        if (hasWords && (role == Role::Image || role == Role::Audio))
            remarks.push_back({"column " + column,
                               role == Role::Image
                                   ? "Training reads the texts alone: the pictures are not shown "
                                     "to the model."
                                   : "Training reads the texts alone: the sounds are not played to "
                                     "the model.",
                               "Train on it only where the texts alone are to be learned.", true});
    }
    return remarks;
}

} // namespace tw
