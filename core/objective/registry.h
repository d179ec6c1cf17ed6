// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/objective/objective.h"

namespace tw {

/// All objectives, filled at first use.
const Registry<Objective>& objectives();

} // namespace tw
