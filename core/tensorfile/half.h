// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

// IEEE 754 half precision for files that never see LibTorch.

namespace tw {

/// The value of two little-endian bytes.
inline float halfAt(const std::uint8_t* at)
{
    const auto bits = static_cast<std::uint32_t>(at[0] | at[1] << 8);
    const std::uint32_t sign = (bits & 0x8000U) << 16U;
    const std::uint32_t exponent = bits >> 10U & 0x1FU;
    const std::uint32_t fraction = bits & 0x3FFU;
    if (exponent == 0x1F) // infinite or not a number
        return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13U);
    if (exponent != 0)
        return std::bit_cast<float>(sign | (exponent + 112U) << 23U | fraction << 13U);
    const float magnitude =
        static_cast<float>(fraction) * 0x1p-24F; // zero or subnormal: exact in float32
    return sign != 0 ? -magnitude : magnitude;
}

/// The nearest half, ties to even; what is too large becomes infinite, as NumPy's astype does it.
inline std::uint16_t halfBits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16U & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) // not a number: keeps the upper bits of its payload
    {
        const std::uint32_t payload = magnitude >> 13U & 0x3FFU;
        return static_cast<std::uint16_t>(sign | 0x7C00U | (payload == 0 ? 1U : payload));
    }
    std::uint32_t result = 0;
    if (magnitude >= 0x47800000U) { // 65536 and above
        result = 0x7C00U;
    } else if (magnitude >= 0x38800000U) { // 2^-14: normal from here on
        const std::uint32_t kept = magnitude - 0x38000000U;
        result = (kept + 0xFFFU + (kept >> 13U & 1U)) >> 13U;
    } else if (magnitude > 0x33000000U) { // above half of the smallest subnormal, 2^-25
        const std::uint32_t shift = 126U - (magnitude >> 23U);
        const std::uint32_t fraction = (magnitude & 0x7FFFFFU) | 0x800000U;
        const std::uint32_t half = 1U << (shift - 1U);
        result = (fraction + half - 1U + (fraction >> shift & 1U)) >> shift;
    }
    return static_cast<std::uint16_t>(sign | result);
}

} // namespace tw
