// SPDX-License-Identifier: Apache-2.0
#include "app/cli/open_project.h"

#include <iostream>

namespace tw::cli {

std::shared_ptr<Project> openToLook(const std::string& folder)
{
    auto project = Project::open(folder);
    project->throwIfLost();
    for (const Problem& problem : project->problems())
        std::cerr << problem.what << ' ' << problem.hint << std::endl;
    return project;
}

std::shared_ptr<Project> openToWork(const std::string& folder)
{
    auto project = Project::open(folder);
    project->throwIfReadOnly();
    return project;
}

} // namespace tw::cli
