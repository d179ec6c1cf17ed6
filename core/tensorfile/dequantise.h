// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tw {

/// Turns `count` blocks of a ggml type into float32.
using Dequantiser = void (*)(const std::byte* blocks, std::uint64_t count, float* out);

/// For Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K to Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 and MXFP4, nullptr
/// for others. The values are bit for bit those of gguf-py: one rounding per product and per sum,
/// none fused.
Dequantiser dequantiserOf(std::string_view dtype);

} // namespace tw
