// SPDX-License-Identifier: Apache-2.0
#include "app/cli/commands.h"
#include "app/cli/options.h"
#include "app/cli/terminal.h"
#include "core/workbench/workspace.h"

#include <iostream>

namespace tw::cli {

Action addSample(CLI::App& app)
{
    const auto folder = std::make_shared<std::string>();
    addProject(app, *folder);
    return [folder] {
        Workspace workspace;
        const auto project = wait(workspace.sample(*folder));
        const std::string document = (project->folder() / "experiment.json").string();
        std::cout << document << '\n';
        std::cerr << "The sample is ready: `tunewright-cli run " << document << " --project "
                  << *folder << "` trains it." << std::endl;
        return kDone;
    };
}

} // namespace tw::cli
