// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/row_cells.h"

namespace tw {

/// What data sets write for a word whose label does not count.
constexpr const char* kUnlabelled = "-100";

/// Words with a label each.
struct TaggedWords
{
    std::vector<std::string> words;
    std::vector<std::string> labels;
};

/// From two lists, or from lines as CoNLL's tasks have them: the word first, its label last; lines
/// that mark a document are passed over. Throws Error where there are not as many of both.
TaggedWords taggedWords(const RowCells& cells);

} // namespace tw
