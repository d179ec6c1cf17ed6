// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/registry.h"

namespace tw {

void registerAllAnalysis(Registry<Analysis>& registry);

const Registry<Analysis>& analyses()
{
    static const Registry<Analysis> all = [] {
        Registry<Analysis> registry("analysis");
        registerAllAnalysis(registry);
        return registry;
    }();
    return all;
}

} // namespace tw
