// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

/// What every objective of texts, pairs and judged answers promises, for each one that is
/// registered, on tiny models that it can train.
Checks objectiveChecks();

} // namespace tw
