// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw {

/// A text that names this process for good: boot, process id and start time, since ids are used
/// again.
std::string processMark();
/// Whether the process of a mark still runs on this machine.
bool isProcessAlive(const std::string& mark);

} // namespace tw
