// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

namespace tw {

/// Cells of a row by role; a role that no column has gives an empty text.
struct RowCells
{
    RowCells(const Dataset& dataset, const ColumnRoles& roles, std::int64_t row);
    std::string system;
    std::string prompt;
    std::string answer; ///< the chosen one where no column is the answer
    std::string text;
    std::string textPair;
    std::string words; ///< a list
    std::string label; ///< or a list with one for each word
    std::string messages;
    std::string chosen;
    std::string rejected;
    std::string image; ///< a path
    std::string audio; ///< a path
    std::string weights; ///< a number, or a list with one for each message
    std::string tools; ///< of a column of that name or role; JSON, or empty
    std::map<std::string, std::string> ids; ///< by the columns' plain names: "input_ids"
};

} // namespace tw
