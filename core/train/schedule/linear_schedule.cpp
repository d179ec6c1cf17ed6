// SPDX-License-Identifier: Apache-2.0
// factor(t) = t / warm-up, then (steps - t) / (steps - warm-up): get_linear_schedule_with_warmup of
// Transformers.

#include "core/base/translate.h"
#include "core/train/schedule.h"
#include "core/train/schedule/warmup.h"

#include <algorithm>

namespace tw {
namespace {

double factor(std::int64_t step, std::int64_t steps, const ParamValues& values)
{
    const WarmupOptions options = warmupParams().read(values);
    if (const auto rising = warmupFactor(step, options))
        return *rising;
    const auto left = static_cast<double>(steps - step);
    return std::max(
        0.0, left / static_cast<double>(std::max<std::int64_t>(1, steps - options.warmupSteps)));
}

} // namespace

void registerLinearSchedule(Registry<Schedule>& registry)
{
    registry.add({"linear", QT_TRANSLATE_NOOP("schedule", "Linear"),
                  QT_TRANSLATE_NOOP("schedule", "Falls evenly to 0 after the warm-up."),
                  warmupParams().specs(), factor});
}

} // namespace tw
