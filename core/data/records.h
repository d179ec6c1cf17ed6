// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"
#include "core/data/record_index.h"
#include "core/data/source_text.h"

#include <map>
#include <nlohmann/json_fwd.hpp>

namespace tw {

constexpr std::size_t kMaxColumns = 10'000; ///< beyond that a file is no table of texts

/// Rows that are JSON values at known places of a file: parsed once for the columns, and again when
/// asked for, so that the file's index is all that stays in memory. Objects give their keys as
/// columns, texts the column "text". Values that are neither are left out with a note.
std::shared_ptr<const Dataset>
jsonRecords(std::shared_ptr<const SourceText> source, const RecordIndex& spans, std::string format);

/// Rows that were read whole.
std::shared_ptr<const Dataset> tableOf(std::vector<std::string> columns,
                                       std::vector<std::vector<std::string>> rows,
                                       std::string format,
                                       Problems problems);

/// A cell as text: texts as they are, null as nothing, the rest as JSON.
std::string cellOf(const nlohmann::ordered_json& value);

} // namespace tw
