// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tw {

/// 256 finite values as one block of Q4_K, 144 bytes.
void quantiseQ4K(const float* values, std::uint8_t* block);

} // namespace tw
