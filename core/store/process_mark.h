// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw {

/// A text that names this process for good: boot, process id and start time, since ids are used
/// again.
std::string processMark();
/// Whether the process of a mark still runs on this machine.
bool isProcessAlive(const std::string& mark);

/// "2026-03-01T14:05:09+0100": now, ISO 8601 in local time.
std::string isoNow();

} // namespace tw
