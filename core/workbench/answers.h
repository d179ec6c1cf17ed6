// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <filesystem>
#include <string>

namespace tw {

// What several of the workspace's jobs need to know; for this room only.

/// Says in `whyNot` what keeps a model from loading.
ModelSummary summaryOfModel(const std::string& path);
/// What a plan has to know of the data; 0: not known.
struct DataSize
{
    double tokensPerRow = 0.0;
    std::int64_t labels = 0; ///< that the rows tell apart
};
/// See Workspace::plan(); threads choose the remembered speed.
Plan planOf(const ModelSummary& model,
            const Experiment& experiment,
            const DataSize& data,
            std::int64_t threads);
/// Of a recipe: the memory of the stage that needs most, the time of all.
Plan planOfAll(const ModelSummary& model,
               const Experiment& experiment,
               const DataSize& data,
               std::int64_t threads);
/// Where results that can be made again are kept, ~/.cache/tunewright; empty: nowhere.
std::filesystem::path userCacheFolder();
std::uint64_t availableMemory(); ///< bytes that programs can still get; 0: unknown

} // namespace tw
