// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

/// What every adaptation method promises, for each one that is registered.
Checks adaptationChecks();

} // namespace tw
