// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tw {

/// How a PackedMatrix keeps its numbers.
enum class PackedKind : std::uint8_t
{
    Bfloat16, ///< rounded to nearest
    Int8 ///< 8 bits and one float32 scale for each 64 numbers of a row
};

} // namespace tw
