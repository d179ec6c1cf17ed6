// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

/// The walls of the house, checked over the source tree: includes only point downwards, core knows no Qt, and only
/// core knows LibTorch.
const Checks& layerChecks();

} // namespace tw
