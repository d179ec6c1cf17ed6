// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/project.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace tw::cli {

/// Prints a run's steps and events as JSON lines while it runs: it reads them from the project
/// file, as the window does.
class RunLines
{
public:
    RunLines(std::shared_ptr<Project> project, std::int64_t run, bool json);
    /// What came since the last call.
    void print();

private:
    void printSteps();
    void printEvents();
    nlohmann::ordered_json lineOf(const RunEvent& event) const;

    bool m_json;
    std::shared_ptr<Project> m_project;
    std::int64_t m_run;
    std::int64_t m_lastStep = -1;
    std::size_t m_events = 0;
    std::int64_t m_version = -1;
};

/// The last line of --json: {"event": "finished", "run": ..., "adapter": ..., "metrics": {...}}.
void printRunEnd(const RunSummary& run);
/// What a person wants to know at the end: losses before and after, base and tuned answers side by
/// side.
void printRunForPeople(const Project& project, const RunSummary& run);

} // namespace tw::cli
