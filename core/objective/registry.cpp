// SPDX-License-Identifier: Apache-2.0
#include "core/objective/registry.h"

namespace tw {

void registerAllObjective(Registry<Objective>& registry);

const Registry<Objective>& objectives()
{
    static const Registry<Objective> registry = [] {
        Registry<Objective> filled("objective");
        registerAllObjective(filled);
        return filled;
    }();
    return registry;
}

} // namespace tw
