// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/open_project.h"
#include "app/cli/options.h"
#include "app/cli/run_output.h"
#include "app/cli/terminal.h"
#include "core/workbench/workspace.h"

#include <filesystem>
#include <iostream>
#include <optional>

namespace tw::cli {
namespace {

struct Options
{
    std::string document;
    std::string project;
    std::int64_t run = 0;
    std::optional<std::int64_t> seed;
    std::optional<std::int64_t> threads;
    std::optional<std::string> device;
    bool json = false;
};

std::shared_ptr<Project> projectAt(const std::string& folder)
{
    if (std::filesystem::exists(std::filesystem::path(folder) / "project.tunewright"))
        return openToWork(folder);
    return Project::create(
        folder, std::filesystem::absolute(folder).lexically_normal().filename().string());
}

/// Waits for a run with its lines and its end; the exit code tells whether somebody stopped it.
int follow(const Job<RunSummary>& job,
           const std::shared_ptr<Project>& project,
           std::int64_t run,
           bool json)
{
    RunLines lines(project, run, json);
    const RunSummary end = wait(job, OnInterrupt::StopAndKeep, [&] {
        lines.print();
        return false;
    });
    if (json)
        printRunEnd(end);
    else
        printRunForPeople(*project, end);
    if (end.state != RunState::Stopped)
        return kDone;
    std::cerr << "Stopped and saved; `tunewright-cli resume --project "
              << project->folder().string() << " --run " << run << "` goes on." << std::endl;
    return kCancelled;
}

void sayWarnings(const Problems& problems)
{
    for (const Problem& problem : problems)
        std::cerr << (problem.isWarning ? "warning: " : "error: ") << problem.field << ": "
                  << problem.what << (problem.hint.empty() ? "" : " ") << problem.hint << std::endl;
}

/// So that the window shows them, too.
void rememberParts(Project& project, const Experiment& experiment)
{
    project.addModel(experiment.model);
    for (const std::string& path :
         {experiment.train.path, experiment.heldOut.path, experiment.general.path})
        if (!path.empty())
            project.addDataset(path);
    if (project.draft().model.empty())
        project.setDraft(experiment);
}

int run(const Options& options)
{
    Experiment experiment = readExperiment(options.document);
    experiment.seed = options.seed.value_or(experiment.seed);
    experiment.threads = options.threads.value_or(experiment.threads);
    experiment.device = options.device.value_or(experiment.device);
    Workspace workspace(experiment.threads);
    const CheckReport report = wait(workspace.check(experiment));
    sayWarnings(report.problems);
    if (blocks(report.problems))
        throw Error(options.document + " cannot run: see above.",
                    "Mend these fields; `tunewright-cli check` lists them again.");
    const auto project = projectAt(options.project);
    rememberParts(*project, experiment);
    const std::int64_t id = project->addRun(experiment);
    return follow(workspace.train(project, id), project, id, options.json);
}

/// Runs that somebody stopped go on only when they are named.
void sayNothingWaits(const Project& project, const std::string& folder)
{
    std::cerr << "Nothing waits in the queue of " << folder << ".";
    for (const RunSummary& run : project.runs())
        if (run.state == RunState::Stopped)
            std::cerr << " Run " << run.id << " was stopped at step " << run.step << ": --run "
                      << run.id << " goes on with it.";
    std::cerr << std::endl;
}

int resume(const Options& options)
{
    const auto project = openToWork(options.project);
    std::vector<std::int64_t> runs {options.run};
    if (options.run == 0)
        runs = project->queue();
    if (runs.empty()) { // an empty queue: what was broken off is what a person wants to go on with
        for (const RunSummary& summary : project->runs())
            if (summary.state == RunState::Interrupted)
                runs.push_back(summary.id);
    }
    if (runs.empty())
        sayNothingWaits(*project, options.project);
    for (const std::int64_t id : runs) {
        const Experiment experiment = project->experimentOf(id);
        Workspace workspace(options.threads.value_or(experiment.threads));
        const bool isFresh = project->run(id).state == RunState::Queued;
        const auto job = isFresh ? workspace.train(project, id) : workspace.resume(project, id);
        if (const int code = follow(job, project, id, options.json); code != kDone)
            return code;
    }
    return kDone;
}

void addRunMachine(CLI::App& app, const std::shared_ptr<Options>& options)
{
    app.add_option("--threads", options->threads, "Threads to compute with; 0: all")
        ->check(CLI::Range(0, 1024));
    addJson(app, options->json);
}

} // namespace

Action addRun(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    app.add_option("experiment", options->document, "Experiment document")
        ->required()
        ->option_text("EXPERIMENT.json");
    addProject(app, options->project);
    app.add_option("--seed", options->seed, "Seed instead of the document's");
    app.add_option("--device", options->device, "Device instead of the document's: auto or cpu");
    addRunMachine(app, options);
    return [options] { return run(*options); };
}

Action addResume(CLI::App& app)
{
    const auto options = std::make_shared<Options>();
    addProject(app, options->project);
    app.add_option("--run", options->run,
                   "Number of the run; without: the whole queue, else what was interrupted")
        ->check(CLI::Range(std::int64_t {1}, std::int64_t {1} << 60))
        ->option_text("ID");
    addRunMachine(app, options);
    return [options] { return resume(*options); };
}

} // namespace tw::cli
