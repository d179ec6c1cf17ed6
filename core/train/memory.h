// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tw {

/// Resident memory of this process in bytes, now and at most so far; 0 where the system does not
/// say.
std::int64_t residentBytes();
std::int64_t peakResidentBytes();

} // namespace tw
