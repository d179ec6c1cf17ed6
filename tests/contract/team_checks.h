// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/check.h"

namespace tw {

/// QuickTeam: every piece of work is done once, whoever asks, however often.
const Checks& teamChecks();

} // namespace tw
