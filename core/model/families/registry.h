// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/registry.h"

namespace tw {

void registerAllModelFamilies(Registry<ModelFamily>& registry); ///< made by tw_plugins()

} // namespace tw
