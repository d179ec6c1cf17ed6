// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h"
#include "core/base/param.h"
#include "core/base/registry.h"
#include "core/job/job_control.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tw {

/// What an analysis looks at.
struct AnalysisInput
{
    ModelRef base;
    ModelRef tuned;
    std::filesystem::path cacheFolder; ///< for decompositions; empty: nothing is kept
    std::string
        generalText; ///< text that has nothing to do with the tuning, for the forgetting meter
};

/// A look at weights or behaviour as a plug-in.
struct Analysis
{
    std::string id;
    std::string title;
    std::string summary; ///< the question it answers
    std::vector<ParamSpec> params;
    /// Throws Error; reports progress and can be cancelled at every step.
    std::function<AnalysisResult(const AnalysisInput&, const ParamValues&, JobControl&)> run;
};

} // namespace tw
