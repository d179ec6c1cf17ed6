// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/open_project.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/workbench/project.h"

#include <cmath>
#include <iostream>
#include <map>

namespace tw::cli {
namespace {

struct Options
{
    std::string project;
    std::int64_t run = 0;
    bool json = false;
};

Json metricsJson(const std::map<std::string, double>& metrics)
{
    Json json = Json::object();
    for (const auto& [name, value] : metrics)
        json[name] = std::isfinite(value) ? Json(value) : Json();
    return json;
}

Json json(const RunSummary& run)
{
    return {{"id", run.id},
            {"name", run.name},
            {"state", runStateId(run.state)},
            {"model", run.model},
            {"method", run.method},
            {"step", run.step},
            {"steps", run.steps},
            {"created", run.created},
            {"seconds", run.seconds},
            {"adapter", run.adapter},
            {"failure", run.failure},
            {"metrics", metricsJson(run.metrics)},
            {"first_metrics", metricsJson(run.firstMetrics)}};
}

std::string valueText(const std::map<std::string, double>& metrics, const char* name)
{
    const auto it = metrics.find(name);
    return it == metrics.end() ? "-" : numberText(it->second);
}

int listRuns(const Options& options)
{
    const auto project = openToLook(options.project);
    const std::vector<RunSummary> runs = project->runs();
    if (options.json) {
        Json list = Json::array();
        for (const RunSummary& run : runs)
            list.push_back(json(run));
        printJson(list);
        return kDone;
    }
    std::vector<std::vector<std::string>> rows {
        {"run", "state", "name", "model", "method", "step", "loss", "held out", "general", "time"}};
    for (const RunSummary& run : runs)
        rows.push_back({std::to_string(run.id), runStateId(run.state), run.name, run.model,
                        run.method, std::to_string(run.step) + "/" + std::to_string(run.steps),
                        valueText(run.metrics, "loss"), valueText(run.metrics, "heldOut.loss"),
                        valueText(run.metrics, "general.loss"), clockText(run.seconds)});
    printTable(rows);
    return kDone;
}

int printCurves(const Options& options)
{
    const auto project = openToLook(options.project);
    project->run(options.run); // says so where there is none
    std::cout << "series,step,value\n";
    for (const std::string& name : project->metricNames(options.run))
        for (const MetricPoint& point : project->metric(options.run, name))
            // 17 digits: read back, the number is the very one that was measured
            std::cout << name << ',' << point.step << ',' << numberText(point.value, 17) << '\n';
    return kDone;
}

} // namespace

Action addRuns(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addProject(app, options->project);
    addJson(app, options->json);
    return [options] { return listRuns(*options); };
}

Action addCurves(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--run", options->run, "Number of the run")->required()->option_text("ID");
    return [options] { return printCurves(*options); };
}

} // namespace tw::cli
