// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/analysis.h"

namespace tw {

/// All analyses, filled at first use.
const Registry<Analysis>& analyses();

} // namespace tw
