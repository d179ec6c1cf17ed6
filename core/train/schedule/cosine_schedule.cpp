// SPDX-License-Identifier: Apache-2.0
// factor(t) = t / warm-up, then (1 + cos(pi (t - warm-up) / (steps - warm-up))) / 2 (Loshchilov and
// Hutter 2017): get_cosine_schedule_with_warmup of Transformers.

#include "core/base/translate.h"
#include "core/train/schedule.h"
#include "core/train/schedule/warmup.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

double factor(std::int64_t step, std::int64_t steps, const ParamValues& values)
{
    const WarmupOptions options = warmupParams().read(values);
    if (const auto rising = warmupFactor(step, options))
        return *rising;
    const auto done = static_cast<double>(step - options.warmupSteps);
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, steps - options.warmupSteps));
    return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * done / whole)));
}

} // namespace

void registerCosineSchedule(Registry<Schedule>& registry)
{
    registry.add(
        {"cosine", QT_TRANSLATE_NOOP("schedule", "Cosine"),
         QT_TRANSLATE_NOOP("schedule", "Falls to 0 along half a cosine: slowly, faster, slowly."),
         warmupParams().specs(), factor});
}

} // namespace tw
