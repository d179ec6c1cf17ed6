// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/workbench/values.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tw {

/// A measure by which runs are compared, as tables and diagrams show it.
struct RunMetric
{
    const char* id; ///< key of RunSummary::metrics
    const char* title; ///< "Held-out accuracy"; translated in the context "metrics"
    const char* unit; ///< "nats a token"; empty: a share from 0 to 1 or a plain number
    bool isHigherBetter;
};

/// What is compared of runs, what matters most to a reader first.
std::span<const RunMetric> runMetrics();

/// Those that at least one of the runs has measured.
std::vector<RunMetric> metricsOf(std::span<const RunSummary> runs);

/// A value of the run: its latest, else the one from before the training.
std::optional<double> metricOf(const RunSummary& run, const std::string& id);

/// The measure that tells which run learned best: the first that all of them have measured on
/// held-out rows, a score before a loss. Empty where there is none.
std::optional<RunMetric> decisiveMetric(std::span<const RunSummary> runs);

} // namespace tw
