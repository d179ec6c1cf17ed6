// SPDX-License-Identifier: Apache-2.0
#include "core/train/optimizer/registry.h"

namespace tw {

void registerAllTrainOptimizer(Registry<OptimizerMethod>& registry);

const Registry<OptimizerMethod>& optimizers()
{
    static const Registry<OptimizerMethod> registry = [] {
        Registry<OptimizerMethod> filled("optimiser");
        registerAllTrainOptimizer(filled);
        return filled;
    }();
    return registry;
}

} // namespace tw
