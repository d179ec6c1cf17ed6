// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/run.h"
#include "core/workbench/answers.h"
#include "core/workbench/measured_speed.h"
#include "core/workbench/project_state.h"
#include "core/workbench/workspace_state.h"

#include <ATen/Parallel.h>

namespace tw {
namespace {

/// So that the next plan can say how long it takes.
void rememberSpeedOf(Project& project, std::int64_t run, const std::string& model)
{
    double tokens = 0.0;
    double seconds = 0.0;
    const auto last = [&](const char* name, double& value) {
        const auto points = project.metric(run, name);
        value = points.empty() ? 0.0 : points.back().value;
    };
    last("tokens", tokens);
    last("seconds", seconds);
    // A tiny model or a handful of steps measures the program, not the machine.
    constexpr double kLeastOperations = 1e12; // some ten seconds of two cores
    const double operations = tokens * operationsPerToken(summaryOfModel(model).parameters);
    if (seconds > 0 && operations >= kLeastOperations)
        rememberSpeed(at::get_num_threads(), operations / seconds);
}

RunSummary work(const std::shared_ptr<Project>& project,
                std::int64_t run,
                std::int64_t threads,
                JobControl& control)
{
    const Experiment experiment = project->experimentOf(run);
    runExperiment(project->state().file, run, experiment,
                  threads > 0 ? threads : experiment.threads, control);
    rememberSpeedOf(*project, run, experiment.model);
    return project->run(run);
}

} // namespace

Job<RunSummary> Workspace::train(std::shared_ptr<Project> project, std::int64_t run)
{
    return m_state->start(
        Lane::Kind::Heavy,
        [project = std::move(project), run, threads = m_state->threads](JobControl& control) {
            return work(project, run, threads, control);
        });
}

Job<RunSummary> Workspace::resume(std::shared_ptr<Project> project, std::int64_t run)
{
    return m_state->start(
        Lane::Kind::Heavy,
        [project = std::move(project), run, threads = m_state->threads](JobControl& control) {
            const RunSummary now = project->run(run);
            if (now.state == RunState::Finished)
                return now;
            return work(project, run, threads, control);
        });
}

} // namespace tw
