// SPDX-License-Identifier: Apache-2.0
#include "core/train/schedule/registry.h"

namespace tw {

void registerAllTrainSchedule(Registry<Schedule>& registry);

const Registry<Schedule>& schedules()
{
    static const Registry<Schedule> registry = [] {
        Registry<Schedule> filled("schedule");
        registerAllTrainSchedule(filled);
        return filled;
    }();
    return registry;
}

} // namespace tw
