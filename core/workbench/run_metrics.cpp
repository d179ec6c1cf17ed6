// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/run_metrics.h"

#include "core/base/translate.h"

#include <algorithm>
#include <array>

namespace tw {

std::span<const RunMetric> runMetrics()
{
    // Scores stand before losses: where rows have labels, they are what people ask for.
    static constexpr std::array<RunMetric, 10> kMetrics {
        {{"heldOut.entityF1", QT_TRANSLATE_NOOP("metrics", "Held-out F1 of entities"), "", true},
         {"heldOut.accuracy", QT_TRANSLATE_NOOP("metrics", "Held-out accuracy"), "", true},
         {"heldOut.f1", QT_TRANSLATE_NOOP("metrics", "Held-out F1"), "", true},
         {"heldOut.exactMatch", QT_TRANSLATE_NOOP("metrics", "Held-out rows all right"), "", true},
         {"heldOut.spearman", QT_TRANSLATE_NOOP("metrics", "Held-out Spearman"), "", true},
         {"heldOut.pearson", QT_TRANSLATE_NOOP("metrics", "Held-out Pearson"), "", true},
         {"heldOut.squaredError", QT_TRANSLATE_NOOP("metrics", "Held-out squared error"), "",
          false},
         {"heldOut.loss", QT_TRANSLATE_NOOP("metrics", "Held-out loss"), "nats", false},
         {"general.loss", QT_TRANSLATE_NOOP("metrics", "Loss on general text"), "nats a token",
          false},
         {"loss", QT_TRANSLATE_NOOP("metrics", "Training loss"), "nats", false}}};
    return kMetrics;
}

std::vector<RunMetric> metricsOf(std::span<const RunSummary> runs)
{
    std::vector<RunMetric> found;
    std::ranges::copy_if(runMetrics(), std::back_inserter(found), [&](const RunMetric& metric) {
        return std::ranges::any_of(
            runs, [&](const RunSummary& run) { return metricOf(run, metric.id).has_value(); });
    });
    return found;
}

std::optional<double> metricOf(const RunSummary& run, const std::string& id)
{
    for (const auto* metrics : {&run.metrics, &run.firstMetrics})
        if (const auto it = metrics->find(id); it != metrics->end())
            return it->second;
    return std::nullopt;
}

std::optional<RunMetric> decisiveMetric(std::span<const RunSummary> runs)
{
    const auto haveAll = [&](const std::string& id) {
        return std::ranges::all_of(runs,
                                   [&](const RunSummary& run) { return run.metrics.contains(id); });
    };
    for (const RunMetric& metric : metricsOf(runs)) {
        const std::string id = metric.id;
        // Of rows without classes, accuracy counts tokens: their loss says more.
        const bool isOfTokens =
            id == "heldOut.exactMatch" || (id == "heldOut.accuracy" && !haveAll("heldOut.f1"));
        if (id.starts_with("heldOut.") && !isOfTokens && haveAll(id))
            return metric;
    }
    return std::nullopt;
}

} // namespace tw
