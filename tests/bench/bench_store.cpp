// SPDX-License-Identifier: Apache-2.0
// How long a project with 1,000 runs and 1,000,000 metric points takes to write, to open and to
// list.
//   bench_store [FOLDER]     keeps the project where a folder is named

#include "core/store/run_log.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"

#include <chrono>
#include <cstdio>
#include <filesystem>

namespace {

using namespace tw;

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Work>
double timed(const char* what, Work work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds = secondsSince(start);
    std::printf("%-48s %8.3f s\n", what, seconds);
    return seconds;
}

void fill(const std::filesystem::path& folder)
{
    constexpr int kRuns = 1000;
    constexpr int kSteps = 200;
    constexpr const char* kNames[] {"loss", "learningRate", "gradientNorm", "tokensPerSecond",
                                    "memoryBytes"};
    const auto project = Project::create(folder, "bench");
    Experiment experiment;
    experiment.model = "/models/some.gguf";
    for (int run = 1; run <= kRuns; ++run) {
        RunLog log(project->state().file, project->addRun(experiment));
        log.begin(0);
        for (int step = 1; step <= kSteps; ++step)
            for (const char* name : kNames)
                log.metric(step, name, 1.0 / (step + run));
        log.setState(RunState::Finished);
    }
}

} // namespace

int main(int argc, char** argv)
{
    const std::filesystem::path folder = argc > 1
        ? std::filesystem::path(argv[1])
        : std::filesystem::temp_directory_path() / "tunewright-bench-store";
    if (!std::filesystem::exists(folder / "project.tunewright"))
        timed("write 1,000 runs, 1,000,000 points", [&] { fill(folder); });
    std::shared_ptr<Project> project;
    std::size_t runs = 0;
    const double open = timed("open", [&] { project = Project::open(folder); });
    const double list =
        timed("list runs with first and latest values", [&] { runs = project->runs().size(); });
    timed("read one curve", [&] { project->metric(500, "loss"); });
    std::printf("%zu runs; open and list together %.3f s\n", runs, open + list);
    project.reset();
    if (argc <= 1)
        std::filesystem::remove_all(folder);
    return 0;
}
