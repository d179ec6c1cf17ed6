// SPDX-License-Identifier: Apache-2.0
// factor(t) = t / warm-up, then 1: get_constant_schedule_with_warmup of Transformers.

#include "core/base/translate.h"
#include "core/train/schedule.h"
#include "core/train/schedule/warmup.h"

namespace tw {
namespace {

double factor(std::int64_t step, std::int64_t /*steps*/, const ParamValues& values)
{
    return warmupFactor(step, warmupParams().read(values)).value_or(1.0);
}

} // namespace

void registerConstantSchedule(Registry<Schedule>& registry)
{
    registry.add({"constant", QT_TRANSLATE_NOOP("schedule", "Constant"),
                  QT_TRANSLATE_NOOP("schedule", "The same learning rate after the warm-up."),
                  warmupParams().specs(), factor});
}

} // namespace tw
