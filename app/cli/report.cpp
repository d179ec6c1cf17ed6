// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/lines.h"
#include "app/cli/open_project.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/workbench/workspace.h"

#include <filesystem>
#include <iostream>

namespace tw::cli {
namespace {

struct Options
{
    std::string project;
    ReportRequest request;
    std::string notes;
    std::string out;
};

int report(Options& options)
{
    const auto project = openToLook(options.project);
    ReportRequest& request = options.request;
    if (request.title.empty())
        request.title = project->name();
    if (!options.notes.empty())
        request.notes = wholeText(options.notes);
    if (request.runs.empty())
        for (const RunSummary& run : project->runs())
            if (run.state != RunState::Queued)
                request.runs.push_back(run.id);
    Workspace workspace;
    const std::string file = std::filesystem::absolute(options.out).string();
    std::cout << wait(workspace.saveReport(project, request, file)) << '\n';
    return kDone;
}

} // namespace

Action addReport(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--runs", options->request.runs,
                   "Numbers of runs: 1,2,3; without: all that have begun")
        ->delimiter(',')
        ->option_text("IDS");
    app.add_option("--analyses", options->request.analyses,
                   "Numbers of analyses; without: all of the runs")
        ->delimiter(',')
        ->option_text("IDS");
    app.add_option("--title", options->request.title, "Title; without: the project's name")
        ->option_text("T");
    app.add_option("--notes", options->notes, "Markdown file with your own words")
        ->option_text("FILE");
    app.add_option("--out", options->out, "HTML file to write")
        ->required()
        ->option_text("FILE.html");
    return [options] { return report(*options); };
}

} // namespace tw::cli
