// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

namespace tw {

/// The part of a data set that a file or folder is by its name: "train", "validation" or "test";
/// from words such as training, valid, val, dev, eval and testing between dots, dashes and
/// underscores. Empty where the name says nothing, or several of them.
std::string splitNamed(const std::string& name);
/// Whether the name is one of these words and nothing else.
bool isSplitFolder(const std::string& name);

/// The values of a column that holds one of few texts for each row ("split"), with how many rows
/// have it; in the order of their first row. Throws Error where there is no such column, or more
/// than 100 values.
std::vector<std::pair<std::string, std::int64_t>> splitValues(const Dataset& dataset,
                                                              const std::string& column);
/// The rows whose cell in that column is `value`, in order. Throws Error where there is none.
std::vector<std::int64_t>
rowsWith(const Dataset& dataset, const std::string& column, const std::string& value);

/// Some rows of a data set, in the order given, as a data set of their own.
std::shared_ptr<const Dataset> rowsOf(std::shared_ptr<const Dataset> dataset,
                                      std::vector<std::int64_t> rows);

} // namespace tw
