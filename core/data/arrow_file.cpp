// SPDX-License-Identifier: Apache-2.0
// Arrow IPC, as files and as streams, and the folders that datasets.save_to_disk writes: state.json
// lists their data-*.arrow; a dictionary of data sets has a folder for each part.

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/translate.h"
#include "core/data/arrow_rows.h"
#include "core/data/registry.h"

#include <algorithm>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxState = 16'000'000; // bytes of state.json
constexpr const char* kFileMark = "ARROW1";

bool isStream(std::string_view head)
{
    return head.starts_with("\xFF\xFF\xFF\xFF") && head.size() > 8;
}

bool isFor(const DataPath& path)
{
    std::error_code error;
    if (path.isFolder)
        return fs::is_regular_file(path.path / "state.json", error)
            || fs::is_regular_file(path.path / "dataset_dict.json", error);
    return path.head.starts_with(kFileMark)
        || (isStream(path.head) && path.path.extension() == ".arrow");
}

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

arrow::ipc::IpcReadOptions readOptions(arrow::MemoryPool* pool)
{
    arrow::ipc::IpcReadOptions options;
    options.memory_pool = pool;
    options.use_threads = false; // our jobs own all threads
    options.max_recursion_depth = 64;
    return options;
}

/// Batches of a mapped file point into it: only what is compressed takes memory.
Batches
batchesOf(const fs::path& path, const RowGroups& groups, std::shared_ptr<arrow::Schema>& schema)
{
    const arrow::ipc::IpcReadOptions options = readOptions(groups.pool.get());
    const std::string name = path.string();
    const auto file =
        arrowValue(arrow::io::MemoryMappedFile::Open(name, arrow::io::FileMode::READ), name);
    Batches batches;
    if (DataPath(path).head.starts_with(kFileMark)) {
        const auto reader =
            arrowValue(arrow::ipc::RecordBatchFileReader::Open(file, options), name);
        schema = reader->schema();
        for (int i = 0; i < reader->num_record_batches(); ++i)
            batches.push_back(arrowValue(reader->ReadRecordBatch(i), name));
        return batches;
    }
    const auto reader = arrowValue(arrow::ipc::RecordBatchStreamReader::Open(file, options), name);
    schema = reader->schema();
    for (;;) {
        auto batch = arrowValue(reader->Next(), name);
        if (batch == nullptr)
            return batches;
        batches.push_back(std::move(batch));
    }
}

std::shared_ptr<const Dataset> rowsOfFiles(const std::vector<fs::path>& files,
                                           const std::string& name,
                                           const std::string& format,
                                           Problems problems)
{
    RowGroups groups;
    groups.name = name;
    groups.format = format;
    groups.problems = std::move(problems);
    std::error_code error;
    for (const fs::path& file : files)
        if (const auto size = fs::file_size(file, error); !error)
            groups.bytes += size;
    groups.pool = boundedPool(groups.bytes);
    Batches all;
    for (const fs::path& file : files) {
        std::shared_ptr<arrow::Schema> schema;
        for (auto& batch : batchesOf(file, groups, schema))
            all.push_back(std::move(batch));
        if (groups.schema != nullptr && !groups.schema->Equals(*schema, false))
            throw Error(file.string() + " has other columns than the files before it.",
                        "Save the data set again.");
        groups.schema = schema;
    }
    for (const auto& batch : all)
        groups.rowCounts.push_back(batch->num_rows());
    groups.read = [all = std::move(all), name](std::size_t group) {
        return arrowValue(arrow::Table::FromRecordBatches({all.at(group)}), name);
    };
    return arrowRows(std::move(groups));
}

/// The part of a saved dictionary that is opened: train, or the first.
fs::path partOf(const fs::path& folder, Problems& problems)
{
    const Json index = readJsonFile(folder / "dataset_dict.json", kMaxState);
    std::vector<std::string> parts;
    for (const Json& part : index.value("splits", Json::array())) {
        const std::string name = part.is_string() ? part.get<std::string>() : std::string();
        if (!name.empty() && name.find('/') == std::string::npos && name != "..")
            parts.push_back(name);
    }
    if (parts.empty())
        throw Error((folder / "dataset_dict.json").string() + " names no part of the data set.",
                    "Save the data set again with save_to_disk.");
    const bool hasTrain = std::find(parts.begin(), parts.end(), "train") != parts.end();
    const std::string chosen = hasTrain ? "train" : parts.front();
    if (parts.size() > 1)
        problems.push_back(
            {"file",
             "The data set has the parts " + join(parts, ", ") + "; this is \"" + chosen + "\".",
             "Open the folder of another part to see that one.", true});
    return folder / chosen;
}

std::shared_ptr<const Dataset> openFolder(const fs::path& given)
{
    std::error_code error;
    Problems problems;
    const fs::path folder =
        fs::is_regular_file(given / "state.json", error) ? given : partOf(given, problems);
    const Json state = readJsonFile(folder / "state.json", kMaxState);
    std::vector<fs::path> files;
    if (state.is_object() && state.contains("_data_files") && state["_data_files"].is_array()) {
        for (const Json& entry : state["_data_files"]) {
            const std::string name =
                entry.is_object() ? entry.value("filename", std::string()) : std::string();
            if (name.empty() || fs::path(name).has_parent_path())
                throw Error((folder / "state.json").string() + " names a file outside its folder.",
                            "Save the data set again with save_to_disk.");
            files.push_back(folder / name);
        }
    }
    if (files.empty())
        throw Error((folder / "state.json").string() + " names no data files.",
                    "Save the data set again with save_to_disk.");
    const auto count = files.size();
    return rowsOfFiles(files, folder.string(),
                       "saved data set, Arrow files: " + std::to_string(count),
                       std::move(problems));
}

std::shared_ptr<const Dataset> open(const fs::path& path)
{
    std::error_code error;
    if (fs::is_directory(path, error))
        return openFolder(path);
    const bool isFile = DataPath(path).head.starts_with(kFileMark);
    return rowsOfFiles({path}, path.string(), isFile ? "Arrow file" : "Arrow stream", {});
}

} // namespace

void registerArrowFile(Registry<DataReader>& registry)
{
    registry.add({.id = "arrow",
                  .title = QT_TRANSLATE_NOOP("data", "Arrow, also as save_to_disk writes it"),
                  .isFor = isFor,
                  .openPath = open});
}

} // namespace tw
