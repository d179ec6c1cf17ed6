// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/registry.h"
#include "core/model/model.h"

namespace tw {

/// All model families, filled at first use.
const Registry<ModelFamily>& modelFamilies();

} // namespace tw
