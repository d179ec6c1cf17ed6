// SPDX-License-Identifier: Apache-2.0
#include "core/base/translate.h"
#include "core/report/html.h"
#include "core/report/registry.h"

namespace tw {
namespace {

std::string body(const ReportInput& input)
{
    if (input.runs.empty())
        return {};
    html::Data data;
    data.columns = {"Run"};
    data.columns.insert(data.columns.end(), input.runColumns.begin(), input.runColumns.end());
    for (const ReportRun& run : input.runs) {
        data.rows.push_back({run.name});
        data.rows.back().insert(data.rows.back().end(), run.cells.begin(), run.cells.end());
    }
    return html::table(data) + html::dataBehind("runs", data);
}

} // namespace

void registerRuns(Registry<ReportSection>& registry)
{
    registry.add({"runs", QT_TRANSLATE_NOOP("report", "Runs"),
                  QT_TRANSLATE_NOOP("report", "The compared runs as a table."), body});
}

} // namespace tw
