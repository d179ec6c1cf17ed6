// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// What a column is used for.
enum class Role
{
    Ignore,
    Prompt,
    Answer,
    System,
    Text,
    TextPair, ///< a second text, compared with the first
    Words, ///< a list of words that have a label each
    Messages,
    Label, ///< of a text, or of each word; whether an answer is liked
    Weights, ///< of the messages or of the answer, in the loss
    Ids, ///< tokens that somebody made already: "input_ids", "labels" ...
    Chosen,
    Rejected,
    Tools, ///< those that a conversation may call
    Image, ///< a file, as all that is known of it
    Audio ///< the same
};
const char* roleId(Role role); ///< "prompt", as documents spell it
/// Throws Error with the list of known roles.
Role roleFrom(const std::string& id);

/// Whether data sets commonly call a column so ("question", "answer", "text").
bool namesRole(const std::string& column);

/// Role of each column by its name; columns that are not named are ignored.
using ColumnRoles = std::map<std::string, Role>;

/// Rows of named cells. A cell is text; nested JSON values (messages) are kept as their JSON text.
class Dataset
{
public:
    virtual ~Dataset() = default;
    virtual const std::vector<std::string>& columns() const = 0;
    virtual std::int64_t rowCount() const = 0;
    /// Cells in the order of columns(); a missing cell is empty. Throws Error that names file, line
    /// and reason.
    virtual std::vector<std::string> row(std::int64_t index) const = 0;
    /// Line (from 1) at which row `index` starts in its file, for messages; 0 where lines mean
    /// nothing.
    virtual std::int64_t lineOf(std::int64_t index) const = 0;
    /// "CSV, comma, UTF-8": for people.
    virtual std::string format() const = 0;
    /// What reading found and mended or left out (uneven rows, ill-formed bytes), each with its
    /// line.
    virtual const Problems& problems() const = 0;
};

/// Reads CSV (RFC 4180, BOM, delimiter guessed), TSV, JSON (array of objects or of texts), JSONL,
/// plain text (paragraphs parted by blank lines), chosen by name and content; those packed as zip;
/// Parquet, Arrow and what datasets.save_to_disk writes; MNIST's IDX; folders of images or sounds.
/// Throws Error for what is no data set.
std::shared_ptr<const Dataset> openDataset(const std::filesystem::path& path);
/// Whether a reader takes the path for a data set that is no text: Parquet, a folder of images ...
bool isForeignDataset(const std::filesystem::path& path);
/// The same for text that is in memory already; `name` chooses the reader as a file name would
/// ("pasted.csv").
std::shared_ptr<const Dataset> datasetFromText(std::string text, const std::string& name);

/// A guess from names and contents; "please check".
ColumnRoles guessRoles(const Dataset& dataset);

} // namespace tw
