// SPDX-License-Identifier: Apache-2.0
#include "core/model/families/registry.h"

namespace tw {

const Registry<ModelFamily>& modelFamilies()
{
    static const Registry<ModelFamily> kFamilies = [] {
        Registry<ModelFamily> registry("model family");
        registerAllModelFamilies(registry);
        return registry;
    }();
    return kFamilies;
}

} // namespace tw
