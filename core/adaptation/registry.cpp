// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"

namespace tw {

void registerAllAdaptation(Registry<Adaptation>& registry);

const Registry<Adaptation>& adaptations()
{
    static const Registry<Adaptation> registry = [] {
        Registry<Adaptation> filled("adaptation");
        registerAllAdaptation(filled);
        return filled;
    }();
    return registry;
}

} // namespace tw
