// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/text.h"
#include "core/workbench/project_state.h"
#include "core/workbench/report_input.h"
#include "core/workbench/workspace_state.h"

namespace tw {
namespace {

namespace fs = std::filesystem;

std::string save(Project& project, const ReportRequest& request, const std::string& file)
{
    const std::string html = reportHtml(reportInput(project, request));
    fs::path path = file;
    if (path.empty())
        for (int i = 1; path.empty() || fs::exists(path); ++i)
            path = project.folder() / "reports" / ("report-" + std::to_string(i) + ".html");
    writeFile(path, html);
    if (!project.isReadOnly()) {
        const fs::path relative = fs::absolute(path).lexically_relative(project.folder());
        const bool isInside = !relative.empty() && *relative.begin() != "..";
        project.state().file->writable().write(
            "INSERT OR REPLACE INTO report (title, file, created) VALUES (?1, ?2, ?3)",
            request.title.empty() ? project.name() : request.title,
            (isInside ? relative : fs::absolute(path)).string(), isoNow());
    }
    return path.string();
}

} // namespace

Job<std::string> Workspace::reportHtml(std::shared_ptr<Project> project,
                                       const ReportRequest& request)
{
    return m_state->start(Lane::Kind::Light, [project = std::move(project), request](JobControl&) {
        return tw::reportHtml(reportInput(*project, request));
    });
}

Job<std::string> Workspace::saveReport(std::shared_ptr<Project> project,
                                       const ReportRequest& request,
                                       const std::string& file)
{
    return m_state->start(Lane::Kind::Light,
                          [project = std::move(project), request, file](JobControl&) {
                              return save(*project, request, file);
                          });
}

} // namespace tw
