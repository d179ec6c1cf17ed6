// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/open_project.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/workbench/tools.h"
#include "core/workbench/workspace.h"

#include <filesystem>
#include <iostream>
#include <map>

namespace tw::cli {
namespace {

struct Options
{
    std::string base;
    std::string tuned;
    std::vector<std::string> measures {"relative-change", "effective-rank", "intruders",
                                       "largest-rotation"};
    std::string out;
    std::string project;
    XrayOptions xray;
    bool json = false;
    MachineOptions machine;
};

using Measure = double (*)(const XrayCell&, const XrayOptions&);

const std::map<std::string, Measure>& measures()
{
    static const std::map<std::string, Measure> all {
        {"relative-change",
         [](const XrayCell& cell, const XrayOptions&) { return cell.relativeChange(); }},
        {"base-norm", [](const XrayCell& cell, const XrayOptions&) { return cell.baseNorm; }},
        {"change-norm", [](const XrayCell& cell, const XrayOptions&) { return cell.changeNorm; }},
        {"effective-rank",
         [](const XrayCell& cell, const XrayOptions&) { return cell.effectiveRank; }},
        {"stable-rank", [](const XrayCell& cell, const XrayOptions&) { return cell.stableRank; }},
        {"intruders",
         [](const XrayCell& cell, const XrayOptions& o) {
             return static_cast<double>(cell.intruders(o.epsilon, o.k));
         }},
        {"largest-rotation",
         [](const XrayCell& cell, const XrayOptions& o) { return cell.largestRotation(o.k); }}};
    return all;
}

void print(const XrayResult& result, const std::vector<std::string>& chosen)
{
    std::cout << toAnalysis(result).summary << "\n\n";
    std::vector<std::vector<std::string>> rows {{"site", "layer"}};
    rows.front().insert(rows.front().end(), chosen.begin(), chosen.end());
    for (const XrayCell& cell : result.cells) {
        std::vector<std::string> row {cell.site, std::to_string(cell.layer)};
        for (const std::string& name : chosen)
            row.push_back(numberText(measures().at(name)(cell, result.options)));
        rows.push_back(std::move(row));
    }
    printTable(rows);
}

/// The run of `project` whose finished state `model` names; 0: none. A checkpoint's X-ray is not
/// the run's, and runs of another project have nothing to do with the numbers of this one.
std::int64_t runOf(const std::string& model, const Project& project)
{
    const auto address = runAddressFrom(model);
    std::error_code different;
    const bool isHere =
        address && std::filesystem::equivalent(address->project, project.folder(), different);
    return isHere && !address->step ? address->run : 0;
}

int xray(const Options& options)
{
    const ModelRef base = resolveModel(options.base, {});
    ModelRef tuned = resolveModel(options.tuned, {});
    if (std::filesystem::exists(std::filesystem::path(tuned.model) / "adapter_config.json"))
        tuned = {base.model, tuned.model}; // an adapter alone: it lies over the base
    std::shared_ptr<Project> project;
    if (!options.project.empty())
        project = openToWork(options.project);
    Workspace workspace(options.machine.threads);
    const XrayResult result = wait(workspace.xray(base, tuned, options.xray));
    if (!options.out.empty())
        writeFile(options.out, toJsonText(result));
    if (project)
        project->addXray(runOf(options.tuned, *project), result);
    if (options.json)
        printJson(parseJson(toJsonText(result), "X-ray"));
    else
        print(result, options.measures);
    return kDone;
}

} // namespace

Action addXray(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    std::vector<std::string> names;
    for (const auto& [name, measure] : measures())
        names.push_back(name);
    app.add_option("--base", options->base, "Model before the training")
        ->required()
        ->option_text("MODEL");
    app.add_option("--tuned", options->tuned,
                   "Model after it: a model, an adapter folder, or PROJECT#RUN[@STEP]")
        ->required()
        ->option_text("MODEL");
    app.add_option("--measures", options->measures, "Columns of the table, separated by commas")
        ->delimiter(',')
        ->check(CLI::IsMember(names))
        ->option_text("LIST");
    app.add_option("--k", options->xray.k, "Leading singular vectors that are looked at")
        ->check(CLI::Range(1, 1000));
    app.add_option("--epsilon", options->xray.epsilon, "An intruder's best match is below this")
        ->check(CLI::Range(0.0, 1.0));
    app.add_flag("--plain", options->xray.plain,
                 "Two full decompositions instead of the cached low-rank route");
    app.add_option("--out", options->out, "Write the result as JSON")->option_text("FILE.json");
    app.add_option("--project", options->project, "Keep the result in this project")
        ->option_text("DIR");
    addJson(app, options->json);
    addMachine(app, options->machine);
    return [options] { return xray(*options); };
}

} // namespace tw::cli
