// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/project_file.h"
#include "core/workbench/project.h"

namespace tw {

/// What stands behind a Project; for the rooms of core.
struct Project::State
{
    std::shared_ptr<ProjectFile> file;

    /// A value of the project's own table; empty: never set.
    std::string value(const std::string& key) const;
    void setValue(const std::string& key, const std::string& value);
};

/// "SmolLM2-135M-Instruct.Q4_1" of a path.
std::string modelName(const std::string& path);

} // namespace tw
