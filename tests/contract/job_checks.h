// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

const Checks& jobChecks();

} // namespace tw
