// SPDX-License-Identifier: Apache-2.0
#include "core/data/splits.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace tw {
namespace {

std::string splitOfWord(const std::string& word)
{
    static constexpr std::array<std::pair<std::string_view, const char*>, 10> kWords {
        {{"train", "train"},
         {"training", "train"},
         {"validation", "validation"},
         {"valid", "validation"},
         {"val", "validation"},
         {"dev", "validation"},
         {"eval", "validation"},
         {"evaluation", "validation"},
         {"test", "test"},
         {"testing", "test"}}};
    for (const auto& [known, split] : kWords) {
        if (word == known)
            return split;
    }
    return {};
}

std::size_t columnAt(const Dataset& dataset, const std::string& column)
{
    const auto& columns = dataset.columns();
    const auto it = std::find(columns.begin(), columns.end(), column);
    if (it == columns.end())
        throw Error("The data set has no column \"" + column + "\".",
                    "Its columns: " + join(columns, ", ") + ".");
    return static_cast<std::size_t>(it - columns.begin());
}

class RowsOf final : public Dataset
{
public:
    RowsOf(std::shared_ptr<const Dataset> dataset, std::vector<std::int64_t> rows)
        : m_dataset(std::move(dataset))
        , m_rows(std::move(rows))
    {
    }
    const std::vector<std::string>& columns() const override { return m_dataset->columns(); }
    std::int64_t rowCount() const override { return static_cast<std::int64_t>(m_rows.size()); }
    std::vector<std::string> row(std::int64_t index) const override
    {
        return m_dataset->row(m_rows.at(static_cast<std::size_t>(index)));
    }
    std::int64_t lineOf(std::int64_t index) const override
    {
        return m_dataset->lineOf(m_rows.at(static_cast<std::size_t>(index)));
    }
    std::string format() const override { return m_dataset->format(); }
    const Problems& problems() const override { return m_dataset->problems(); }

private:
    std::shared_ptr<const Dataset> m_dataset;
    std::vector<std::int64_t> m_rows;
};

} // namespace

std::string splitNamed(const std::string& name)
{
    std::set<std::string> found;
    std::string word;
    for (const char c : name + ".") {
        if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            continue;
        }
        if (const std::string split = splitOfWord(word); !split.empty())
            found.insert(split);
        word.clear();
    }
    return found.size() == 1 ? *found.begin() : std::string {};
}

bool isSplitFolder(const std::string& name)
{
    std::string word;
    for (const char c : name)
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return !splitOfWord(word).empty();
}

std::vector<std::pair<std::string, std::int64_t>> splitValues(const Dataset& dataset,
                                                              const std::string& column)
{
    constexpr std::size_t kMaxValues = 100; // our choice: beyond that it is no list of parts
    const std::size_t at = columnAt(dataset, column);
    std::vector<std::pair<std::string, std::int64_t>> values;
    for (std::int64_t r = 0; r < dataset.rowCount(); ++r) {
        const std::string value = dataset.row(r).at(at);
        const auto it = std::find_if(values.begin(), values.end(),
                                     [&](const auto& known) { return known.first == value; });
        if (it != values.end())
            ++it->second;
        else if (values.size() == kMaxValues)
            throw Error("The column \"" + column + "\" has more than 100 different values.",
                        "Choose a column that says which part a row belongs to.");
        else
            values.emplace_back(value, 1);
    }
    return values;
}

std::vector<std::int64_t>
rowsWith(const Dataset& dataset, const std::string& column, const std::string& value)
{
    const std::size_t at = columnAt(dataset, column);
    std::vector<std::int64_t> rows;
    for (std::int64_t r = 0; r < dataset.rowCount(); ++r) {
        if (dataset.row(r).at(at) == value)
            rows.push_back(r);
    }
    if (rows.empty())
        throw Error("No row has \"" + value + "\" in the column \"" + column + "\".",
                    "Check how the value is spelt.");
    return rows;
}

std::shared_ptr<const Dataset> rowsOf(std::shared_ptr<const Dataset> dataset,
                                      std::vector<std::int64_t> rows)
{
    for (const std::int64_t row : rows) {
        if (row < 0 || row >= dataset->rowCount())
            throw Error("The data set has no row " + std::to_string(row + 1) + ".");
    }
    return std::make_shared<RowsOf>(std::move(dataset), std::move(rows));
}

} // namespace tw
