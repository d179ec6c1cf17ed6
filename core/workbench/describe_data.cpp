// SPDX-License-Identifier: Apache-2.0
// What a data set is, and its rows for the page that shows them.
#include "core/data/dataset.h"
#include "core/data/role_remarks.h"
#include "core/data/row_layout.h"
#include "core/data/splits.h"
#include "core/workbench/answers.h"
#include "core/workbench/workspace_state.h"

#include <algorithm>

namespace tw {
namespace {

namespace fs = std::filesystem;

DatasetSummary summaryOf(const std::shared_ptr<const Dataset>& dataset,
                         const std::string& path,
                         JobControl& control)
{
    const ColumnRoles roles = guessRoles(*dataset);
    DatasetSummary summary;
    summary.path = path;
    summary.name = fs::path(path).filename().string();
    summary.format = dataset->format();
    const RowLayout layout = recogniseLayout(*dataset, roles);
    summary.layout = rowLayoutId(layout);
    summary.layoutTitle = rowLayoutTitle(layout);
    summary.split = splitNamed(summary.name);
    summary.rows = dataset->rowCount();
    summary.fileBytes = sizeOfTree(path);
    summary.problems = dataset->problems();
    const Problems remarks = remarksOn(*dataset, roles);
    summary.problems.insert(summary.problems.end(), remarks.begin(), remarks.end());
    for (const std::string& column : dataset->columns()) {
        const auto it = roles.find(column);
        summary.columns.push_back(
            {column, roleId(it == roles.end() ? Role::Ignore : it->second), 0});
    }
    for (std::int64_t i = 0; i < summary.rows; ++i) {
        if (i % 1000 == 0) {
            control.report("reading", i, summary.rows);
            control.throwIfCancelled();
        }
        const auto row = dataset->row(i);
        for (std::size_t c = 0; c < summary.columns.size(); ++c)
            summary.columns[c].emptyCells += c >= row.size() || row[c].empty() ? 1 : 0;
    }
    return summary;
}

} // namespace

Job<DatasetSummary> Workspace::describeDataset(const std::string& path)
{
    return m_state->start(Lane::Kind::Light, [files = m_state->files, path](JobControl& control) {
        return summaryOf(files->dataset(path), path, control);
    });
}

Job<DatasetRows>
Workspace::datasetRows(const std::string& path, std::int64_t first, std::int64_t count)
{
    return m_state->start(
        Lane::Kind::Light, [files = m_state->files, path, first, count](JobControl&) {
            const auto dataset = files->dataset(path);
            DatasetRows rows;
            rows.first = first;
            const std::int64_t end =
                dataset->rowCount() - first < count ? dataset->rowCount() : first + count;
            for (std::int64_t i = first; i < end; ++i)
                rows.rows.push_back(dataset->row(i));
            return rows;
        });
}

} // namespace tw
