// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

/// What every setting of every plug-in promises: form, help page and schema are made from its
/// description.
Checks settingChecks();

} // namespace tw
