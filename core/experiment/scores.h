// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/job/job_control.h"
#include "core/objective/objective.h"
#include "core/train/batch_source.h"

#include <map>
#include <string>

namespace tw {

inline constexpr const char* kScoresMethod = "held_out_scores"; ///< AnalysisResult::method
inline constexpr const char* kScoresFile = "held_out_scores.json"; ///< in a run's folder

/// How well a model says the labels of rows.
struct LabelScores
{
    /// For the curves of a run: "accuracy", "f1" (mean over classes), "entityF1", "squaredError",
    /// "pearson", "spearman".
    std::map<std::string, double> metrics;
    AnalysisResult result; ///< the same with a table of classes and which were taken for which
};

/// Over all batches of one epoch, without gradients. Throws Cancelled, and Error where the
/// objective's rows have no labels.
LabelScores labelScores(const Model& model,
                        const Objective& objective,
                        const ParamValues& settings,
                        const BatchSource& batches,
                        JobControl& control);

/// What was said and is right, scored; labels: by their number. Throws Error for classes beyond
/// them.
LabelScores labelScores(const Predictions& predictions, const std::vector<std::string>& labels);

} // namespace tw
