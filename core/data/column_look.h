// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace tw {

/// What the names and the first rows of a column tell.
struct ColumnLook
{
    std::string name; ///< lower case, blanks and dashes as underscores
    std::set<std::string> values;
    std::int64_t filled = 0; ///< rows
    std::size_t characters = 0; ///< bytes of all cells together
    bool areMessages = true; ///< every filled cell is a conversation
    bool areReplies = true; ///< messages that begin with the assistant
    bool areLists = true; ///< every filled cell is a JSON list

    bool isFilled() const { return filled > 0; }
    double meanLength() const;
    /// Few short values that come again and again.
    bool isLabel(std::int64_t rows) const;
};

/// The columns of a data set by their first rows, in the order of columns().
struct DatasetLook
{
    explicit DatasetLook(const Dataset& dataset);

    /// The first of these names that a column has.
    std::optional<std::size_t> column(const std::vector<std::string_view>& names) const;

    std::int64_t rows = 0; ///< that were looked at
    std::vector<ColumnLook> columns;
};

using ColumnPair = std::pair<std::size_t, std::size_t>;
/// Two texts that are compared: premise and hypothesis, sentence1 and sentence2 ...
std::optional<ColumnPair> textPair(const DatasetLook& look);
/// A list of words and a list with a label for each.
std::optional<ColumnPair> wordsWithLabels(const DatasetLook& look);

/// "Rejected Response" as "rejected_response".
std::string plainColumnName(const std::string& name);

} // namespace tw
