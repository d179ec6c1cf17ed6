// SPDX-License-Identifier: Apache-2.0
#include "core/data/arrow_rows.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/data/records.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace tw {
namespace {

// Our choice: row groups have some 100 MB, and tables of texts pack to a tenth at best.
constexpr std::int64_t kAlwaysFine = 32'000'000; // bytes
constexpr std::int64_t kMaxRatio = 10;
constexpr std::int64_t kMaxUnpacked = 4'000'000'000;
constexpr int kMaxNesting = 100; // of lists and structures in a cell

/// Columns of nothing, or of one value, take no room: a short file may say any number
/// of rows, and each row takes memory later. Our choice, far above what real tables
/// pack.
constexpr std::uint64_t kMostFreeRows = 1'000'000;
constexpr std::uint64_t kMostRowsOfByte = 64;

class BoundedPool final : public arrow::MemoryPool
{
public:
    explicit BoundedPool(std::uint64_t fileBytes)
        : m_most(std::min(kMaxUnpacked,
                          kAlwaysFine
                              + kMaxRatio
                                  * static_cast<std::int64_t>(
                                      std::min<std::uint64_t>(fileBytes, kMaxUnpacked))))
    {
    }
    using arrow::MemoryPool::Free;
    arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override
    {
        ARROW_RETURN_NOT_OK(check(size));
        ARROW_RETURN_NOT_OK(m_pool->Allocate(size, alignment, out));
        m_taken += size;
        return arrow::Status::OK();
    }
    arrow::Status
    Reallocate(int64_t oldSize, int64_t newSize, int64_t alignment, uint8_t** data) override
    {
        ARROW_RETURN_NOT_OK(check(newSize - oldSize));
        ARROW_RETURN_NOT_OK(m_pool->Reallocate(oldSize, newSize, alignment, data));
        m_taken += newSize - oldSize;
        return arrow::Status::OK();
    }
    void Free(uint8_t* buffer, int64_t size, int64_t alignment) override
    {
        m_pool->Free(buffer, size, alignment);
        m_taken -= size;
    }
    int64_t bytes_allocated() const override { return m_taken; }
    int64_t total_bytes_allocated() const override { return m_pool->total_bytes_allocated(); }
    int64_t num_allocations() const override { return m_pool->num_allocations(); }
    std::string backend_name() const override { return m_pool->backend_name(); }

private:
    arrow::Status check(int64_t more) const
    {
        if (more <= m_most - m_taken)
            return arrow::Status::OK();
        return arrow::Status::OutOfMemory("it unpacks to more than "
                                          + bytesInWords(static_cast<std::uint64_t>(m_most))
                                          + " at once, far more than a table of texts does");
    }

    arrow::MemoryPool* m_pool = arrow::default_memory_pool();
    std::int64_t m_most;
    std::atomic<std::int64_t> m_taken = 0;
};

Json jsonOf(const arrow::Scalar& scalar, int depth);

Json listOf(const arrow::Array& items, int depth)
{
    Json list = Json::array();
    for (std::int64_t i = 0; i < items.length(); ++i)
        list.push_back(jsonOf(*arrowValue(items.GetScalar(i), "A list"), depth + 1));
    return list;
}

Json structureOf(const arrow::StructScalar& scalar, int depth)
{
    Json object = Json::object();
    const auto& type = static_cast<const arrow::StructType&>(*scalar.type);
    for (int i = 0; i < type.num_fields(); ++i)
        object[repairedUtf8(type.field(i)->name())] =
            jsonOf(*scalar.value[static_cast<std::size_t>(i)], depth + 1);
    return object;
}

Json bytesOf(const arrow::BaseBinaryScalar& scalar)
{
    const std::string_view bytes = scalar.view();
    return arrow::is_string(scalar.type->id())
        ? repairedUtf8(bytes)
        : groupedDigits(static_cast<std::int64_t>(bytes.size())) + " bytes";
}

Json jsonOf(const arrow::Scalar& scalar, int depth)
{
    if (!scalar.is_valid)
        return nullptr;
    if (depth > kMaxNesting)
        throw Error("A cell is nested more than 100 levels deep.", "Check the file.");
    const arrow::Type::type id = scalar.type->id();
    if (id == arrow::Type::BOOL)
        return static_cast<const arrow::BooleanScalar&>(scalar).value;
    if (arrow::is_base_binary_like(id))
        return bytesOf(static_cast<const arrow::BaseBinaryScalar&>(scalar));
    if (arrow::is_list_like(id)) // maps are lists of pairs
        return listOf(*static_cast<const arrow::BaseListScalar&>(scalar).value, depth);
    if (id == arrow::Type::STRUCT)
        return structureOf(static_cast<const arrow::StructScalar&>(scalar), depth);
    if (id == arrow::Type::DICTIONARY)
        return jsonOf(
            *arrowValue(static_cast<const arrow::DictionaryScalar&>(scalar).GetEncodedValue(),
                        "A cell"),
            depth + 1);
    if (id == arrow::Type::EXTENSION)
        return jsonOf(*static_cast<const arrow::ExtensionScalar&>(scalar).value, depth + 1);
    if (arrow::is_integer(id) || arrow::is_floating(id)) {
        const Json number = Json::parse(scalar.ToString(), nullptr, false);
        if (number.is_number()) // reals stay reals: 1.0, not 1
            return arrow::is_floating(id) ? Json(number.get<double>()) : number;
    }
    return repairedUtf8(scalar.ToString()); // dates, times, decimals, nan
}

class ArrowRows final : public Dataset
{
public:
    explicit ArrowRows(RowGroups groups)
        : m_groups(std::move(groups))
    {
        for (const auto& field : m_groups.schema->fields()) {
            if (m_columns.size() == kMaxColumns)
                throw Error(m_groups.name + " has more than " + groupedDigits(kMaxColumns)
                                + " columns.",
                            "That is no table of texts.");
            m_columns.push_back(repairedUtf8(field->name()));
        }
        for (const std::int64_t count : m_groups.rowCounts) {
            m_starts.push_back(m_rows);
            if (count < 0 || __builtin_add_overflow(m_rows, count, &m_rows))
                throw Error(m_groups.name + " says that it has an impossible number of rows.",
                            "Write or download it again.");
        }
        if (static_cast<std::uint64_t>(m_rows) > kMostFreeRows + kMostRowsOfByte * m_groups.bytes)
            throw Error(m_groups.name + " says that it has " + groupedDigits(m_rows) + " rows in "
                            + bytesInWords(m_groups.bytes) + ": most of them can hold nothing.",
                        "Leave out the rows without content, and write it again.");
        if (m_rows == 0 || m_columns.empty())
            throw Error(m_groups.name + " has no rows.", "Check whether this is the right file.");
        row(0); // a file whose data cannot be unpacked says so when it is opened
    }

    const std::vector<std::string>& columns() const override { return m_columns; }
    std::int64_t rowCount() const override { return m_rows; }
    std::vector<std::string> row(std::int64_t index) const override
    {
        if (index < 0 || index >= m_rows)
            throw Error(m_groups.name + " has no row " + std::to_string(index + 1) + ".");
        const auto next = std::upper_bound(m_starts.begin(), m_starts.end(), index);
        const auto group = static_cast<std::size_t>(next - m_starts.begin()) - 1;
        const std::shared_ptr<arrow::Table> table = tableOfGroup(group);
        std::vector<std::string> cells;
        for (const auto& column : table->columns())
            cells.push_back(cellOf(
                jsonOf(*arrowValue(column->GetScalar(index - m_starts[group]), m_groups.name), 0)));
        return cells;
    }
    std::int64_t lineOf(std::int64_t) const override { return 0; }
    std::string format() const override { return m_groups.format; }
    const Problems& problems() const override { return m_groups.problems; }

private:
    std::shared_ptr<arrow::Table> tableOfGroup(std::size_t group) const
    {
        const std::lock_guard lock(m_mutex);
        if (m_table != nullptr && m_current == group)
            return m_table;
        m_table = nullptr; // never two groups in memory
        std::shared_ptr<arrow::Table> table = m_groups.read(group);
        const arrow::Status valid = table->ValidateFull();
        if (!valid.ok() || table->num_rows() != m_groups.rowCounts[group]
            || table->num_columns() != static_cast<int>(m_columns.size()))
            throw Error(
                m_groups.name + " is damaged: "
                    + (valid.ok() ? "a part of it has other rows than it says" : valid.message())
                    + ".",
                "Write or download it again.");
        m_current = group;
        m_table = table;
        return table;
    }

    RowGroups m_groups;
    std::vector<std::string> m_columns;
    std::vector<std::int64_t> m_starts; ///< first row of each group
    std::int64_t m_rows = 0;
    mutable std::mutex m_mutex; ///< of what follows
    mutable std::size_t m_current = 0;
    mutable std::shared_ptr<arrow::Table> m_table;
};

} // namespace

std::shared_ptr<arrow::MemoryPool> boundedPool(std::uint64_t fileBytes)
{
    return std::make_shared<BoundedPool>(fileBytes);
}

std::shared_ptr<const Dataset> arrowRows(RowGroups groups)
{
    return std::make_shared<ArrowRows>(std::move(groups));
}

} // namespace tw
