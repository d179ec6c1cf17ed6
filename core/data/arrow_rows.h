// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for the .cpp files that read Arrow and Parquet: it shows the library.
#include "core/data/dataset.h"

#include <arrow/api.h>
#include <arrow/type_traits.h>
#include <functional>

namespace tw {

/// What Arrow returned, or Error with the file's name.
template <typename T>
T arrowValue(arrow::Result<T> result, const std::string& name)
{
    if (!result.ok())
        throw Error(name + " cannot be read: " + result.status().message() + ".",
                    "Check whether the file is whole; write or download it again.");
    return std::move(result).ValueUnsafe();
}

/// Memory that files of so many bytes may ask for when they are unpacked: what they need is
/// bounded, whatever they say.
std::shared_ptr<arrow::MemoryPool> boundedPool(std::uint64_t fileBytes);

/// Rows that come in groups; a group is unpacked when one of its rows is asked for, and the last
/// one is kept. Any thread may read.
struct RowGroups
{
    std::shared_ptr<arrow::MemoryPool> pool; ///< first: all else may hold memory of it
    std::string name; ///< the file, for messages
    std::uint64_t bytes = 0; ///< of all files
    std::string format; ///< in words
    std::shared_ptr<arrow::Schema> schema;
    std::vector<std::int64_t> rowCounts; ///< of each group
    std::function<std::shared_ptr<arrow::Table>(std::size_t group)> read;
    Problems problems;
};
/// Cells are texts as they are, null as nothing, and numbers, lists and structures as JSON; bytes,
/// which no text can show, as how many they are. Throws Error where there are no rows, or
/// far more than files of that size can say anything in.
std::shared_ptr<const Dataset> arrowRows(RowGroups groups);

} // namespace tw
