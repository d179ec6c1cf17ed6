// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"

namespace tw {

/// All adaptation methods, filled at first use.
const Registry<Adaptation>& adaptations();

} // namespace tw
