// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"
#include "core/job/job_control.h"
#include "core/store/run_log.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace tw {

/// What a run has done so far, over all of its stages.
struct RunTotals
{
    std::int64_t step = 0;
    double tokens = 0.0;
    double seconds = 0.0;
};

/// What a stage finds when it begins. All references outlive it.
struct StageSurroundings
{
    RunLog& log;
    JobControl& control;
    RunTotals& totals;
    std::filesystem::path projectFolder;
    std::filesystem::path folder; ///< of the stage
    std::int64_t offset = 0; ///< optimiser steps of the stages before
    std::string fingerprint; ///< of all that must be equal where it goes on
};

/// Where a stage leaves all that lies over the model behind it: adapters that were there before,
/// and its own above them.
inline std::filesystem::path resultFolder(const std::filesystem::path& stage)
{
    return stage / "adapter";
}
/// Its own alone, where there were others before.
inline std::filesystem::path trainedFolder(const std::filesystem::path& stage)
{
    return stage / "trained";
}

/// Steps of the newest whole checkpoint in a stage's folder; 0 where there is none.
std::int64_t stepsDone(const std::filesystem::path& folder);
bool isFinished(const Experiment& stage, const std::filesystem::path& folder);

/// Trains a stage from its newest checkpoint on and writes its result; false where somebody asked
/// to end it early. Throws Error and Cancelled.
bool runStage(const Experiment& stage, const StageSurroundings& around);

} // namespace tw
