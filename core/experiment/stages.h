// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tw {

/// One stage as an experiment of its own.
Experiment stageOf(const Experiment& experiment, std::size_t stage);
/// The stages of an experiment, each as an experiment of its own; one where it has none.
std::vector<Experiment> stagesOf(const Experiment& experiment);
/// Optimiser steps of all stages.
std::int64_t totalSteps(const Experiment& experiment);
/// Folder of a stage within that of the run; the run's own where there is only one.
std::filesystem::path stageFolder(const std::filesystem::path& runFolder,
                                  const Experiment& experiment,
                                  std::size_t stage);

/// Folders that a stage has left.
struct StageResult
{
    std::filesystem::path whole; ///< all that lies over the model
    std::filesystem::path trained; ///< what the stage itself has trained
};
/// With "stage:NAME" replaced by a folder of that stage: the whole under adapters, what was trained
/// elsewhere. Throws Error for a name that is not among them.
Experiment withResults(Experiment stage, const std::map<std::string, StageResult>& results);

/// Names become parts of paths: letters, digits, spaces, - and _, at most 64 of them.
bool isStageName(const std::string& name);

/// What is wrong with the stages themselves: names, and results that are asked for before they are
/// there. Fields are "stages[1].name" and so on.
Problems checkStages(const Experiment& experiment);

} // namespace tw
