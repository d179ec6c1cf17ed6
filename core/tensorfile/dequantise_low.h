// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// One block each of ggml's formats below four bits and of those whose codes name values in a
/// table. See dequantise.h.
namespace tw::low {

void q2_k(const std::uint8_t* block, float* out);
void q3_k(const std::uint8_t* block, float* out);
void iq4_nl(const std::uint8_t* block, float* out);
void iq4_xs(const std::uint8_t* block, float* out);
void tq1_0(const std::uint8_t* block, float* out);
void tq2_0(const std::uint8_t* block, float* out);
void mxfp4(const std::uint8_t* block, float* out);

} // namespace tw::low
