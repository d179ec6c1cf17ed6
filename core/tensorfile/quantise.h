// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tw {

/// Turns float32 into `count` blocks of a ggml type.
using Quantiser = void (*)(const float* values, std::uint64_t count, std::byte* blocks);

/// For F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K, Q5_0 and Q5_1, nullptr for others. The bytes are
/// those of gguf-py, which cannot write Q4_K. The values have to be finite where a block holds more
/// than one.
Quantiser quantiserOf(std::string_view dtype);

} // namespace tw
