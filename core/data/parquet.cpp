// SPDX-License-Identifier: Apache-2.0
// Parquet, through Apache Arrow's own reader: one row group in memory at a time.

#include "core/base/translate.h"
#include "core/data/arrow_rows.h"
#include "core/data/registry.h"

#include <algorithm>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>

namespace tw {
namespace {

// Parquet's own limits of its footer: elements of a list, bytes of a text.
constexpr std::int64_t kMostParts = 1'000'000;
constexpr std::int64_t kMostText = 100'000'000;

bool isFor(const DataPath& path)
{
    return path.head.starts_with("PAR1");
}

/// Texts stay as Parquet packs them, each different one once: a system prompt in a million rows
/// takes little more memory than in the file.
parquet::ArrowReaderProperties eachTextOnce(const parquet::SchemaDescriptor& schema)
{
    parquet::ArrowReaderProperties properties;
    for (int i = 0; i < schema.num_columns(); ++i)
        if (schema.Column(i)->physical_type() == parquet::Type::BYTE_ARRAY)
            properties.set_read_dictionary(i, true);
    return properties;
}

std::shared_ptr<const Dataset> open(const std::filesystem::path& path)
{
    const std::string name = path.string();
    const auto check = [name](const arrow::Status& status) {
        if (!status.ok())
            arrowValue(arrow::Result<bool>(status), name);
    };
    try {
        auto file =
            arrowValue(arrow::io::MemoryMappedFile::Open(name, arrow::io::FileMode::READ), name);
        RowGroups groups;
        groups.name = name;
        const std::int64_t bytes = arrowValue(file->GetSize(), name);
        groups.bytes = static_cast<std::uint64_t>(bytes);
        const auto pool = boundedPool(groups.bytes); // goes after the reader, whatever is thrown
        groups.pool = pool;
        // What a list or text says that it holds is set aside before it is read: each part of one
        // takes a byte of the file at least.
        parquet::ReaderProperties properties(pool.get());
        properties.set_thrift_string_size_limit(
            static_cast<std::int32_t>(std::min(bytes, kMostText)));
        properties.set_thrift_container_size_limit(
            static_cast<std::int32_t>(std::min(bytes, kMostParts)));
        parquet::arrow::FileReaderBuilder builder;
        check(builder.Open(file, properties));
        builder.properties(eachTextOnce(*builder.raw_reader()->metadata()->schema()));
        const std::shared_ptr<parquet::arrow::FileReader> reader =
            arrowValue(builder.memory_pool(pool.get())->Build(), name);
        reader->set_use_threads(false); // our jobs own all threads
        check(reader->GetSchema(&groups.schema));
        const auto metadata = reader->parquet_reader()->metadata();
        for (int i = 0; i < metadata->num_row_groups(); ++i)
            groups.rowCounts.push_back(metadata->RowGroup(i)->num_rows());
        groups.format = "Parquet, row groups: " + std::to_string(metadata->num_row_groups());
        groups.read = [reader, check](std::size_t group) {
            std::shared_ptr<arrow::Table> table;
            check(reader->ReadRowGroup(static_cast<int>(group), &table));
            return table;
        };
        return arrowRows(std::move(groups));
    } catch (const parquet::ParquetException& error) {
        throw Error(name + " cannot be read: " + error.what() + ".",
                    "Check whether the file is whole; write or download it again.");
    }
}

} // namespace

void registerParquet(Registry<DataReader>& registry)
{
    registry.add({.id = "parquet",
                  .title = QT_TRANSLATE_NOOP("data", "Parquet"),
                  .isFor = isFor,
                  .openPath = open});
}

} // namespace tw
