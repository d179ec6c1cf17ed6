// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// How much memory this program takes from malloc, LibTorch's tensors included; mapped files are
/// not counted. In builds with a sanitizer, which has a malloc of its own, all numbers are 0.
namespace counting {

std::int64_t bytesNow();
/// The most at once since beginPeak().
std::int64_t peakBytes();
void beginPeak();

} // namespace counting
