// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tw {

/// Arithmetic per trained token, in floating-point operations: every matrix once forward and once
/// backward through frozen weights.
double operationsPerToken(std::int64_t parameters);

/// What training reached on this machine with this many threads, in operations per second, as
/// remembered from the last run; 0: never measured. Kept in the user's cache folder.
double rememberedSpeed(std::int64_t threads);
void rememberSpeed(std::int64_t threads, double operationsPerSecond);

} // namespace tw
