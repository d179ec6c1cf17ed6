// SPDX-License-Identifier: Apache-2.0
// Compiled as dequantise.cpp is: without contraction into fused multiply-adds.
#include "core/tensorfile/dequantise_low.h"

#include "core/tensorfile/half.h"

#include <array>
#include <bit>

namespace tw::low {
namespace {

using Bytes = const std::uint8_t*;

// Where the 16 codes of IQ4_NL and IQ4_XS lie: closer together near zero, where most weights are.
constexpr std::array<std::int8_t, 16> kUneven {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};
// Floats of four bits (e2m1, OCP Microscaling Formats 1.0), doubled so that they are whole.
constexpr std::array<std::int8_t, 16> kFourBitFloats {0, 1,  2,  3,  4,  6,  8,  12,
                                                      0, -1, -2, -3, -4, -6, -8, -12};

/// 16 bytes hold 32 codes: the low nibbles first, then the high ones.
void fromTable(Bytes codes, float d, const std::array<std::int8_t, 16>& table, float* out)
{
    for (int i = 0; i < 16; ++i) {
        out[i] = d * static_cast<float>(table[codes[i] & 0x0FU]);
        out[i + 16] = d * static_cast<float>(table[codes[i] >> 4U]);
    }
}

} // namespace

void q2_k(Bytes block,
          float* out) // 16 scales and offsets of 4 bits, 64 x four pairs of bits, d, dmin
{
    const float d = halfAt(block + 80);
    const float minimum = halfAt(block + 82);
    for (int i = 0; i < 256; ++i) {
        const int scale = block[i / 16];
        const int code = block[16 + i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3;
        out[i] = d * static_cast<float>(scale & 0x0F) * static_cast<float>(code)
            - minimum * static_cast<float>(scale >> 4);
    }
}

void q3_k(Bytes block, float* out) // 32 bytes of third bits, 64 x four pairs, 12 bytes of scales, d
{
    const float d = halfAt(block + 108);
    const Bytes packed = block + 96;
    for (int i = 0; i < 256; ++i) {
        const int group = i / 16;
        const int low = packed[group % 8] >> (group < 8 ? 0 : 4) & 0x0F;
        const int high = packed[8 + group % 4] >> (2 * (group / 4)) & 3;
        const int pair = block[32 + i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3;
        const bool hasThird = (block[i % 32] >> (i / 32) & 1) != 0; // set: nothing is taken off
        out[i] = d * static_cast<float>((low | high << 4) - 32)
            * static_cast<float>(pair - (hasThird ? 0 : 4));
    }
}

void iq4_nl(Bytes block, float* out) // d, 16 x two nibbles
{
    fromTable(block + 2, halfAt(block), kUneven, out);
}

void iq4_xs(Bytes block,
            float* out) // d, 8 x 2 upper bits of scales, 8 x 4 lower, 128 x two nibbles
{
    const float d = halfAt(block);
    const int upper = block[2] | block[3] << 8;
    for (int group = 0; group < 8; ++group) {
        const int low = block[4 + group / 2] >> (4 * (group % 2)) & 0x0F;
        const int scale = (low | (upper >> (2 * group) & 3) << 4) - 32;
        fromTable(block + 8 + 16 * group, d * static_cast<float>(scale), kUneven, out + 32 * group);
    }
}

void tq1_0(Bytes block, float* out) // five digits of base 3 in each of 48 bytes, four in 4 more, d
{
    const float d = halfAt(block + 52);
    // The leading digit of a byte, read as a fraction of 256, is what a product by 3 carries out.
    const auto digits = [&](Bytes from, int width, int count) {
        unsigned power = 1;
        for (int digit = 0; digit < count; ++digit, power *= 3)
            for (int i = 0; i < width; ++i) {
                const auto shifted = static_cast<std::uint8_t>(from[i] * power);
                *out++ = d * static_cast<float>((shifted * 3 >> 8) - 1);
            }
    };
    digits(block, 32, 5);
    digits(block + 32, 16, 5);
    digits(block + 48, 4, 4);
}

void tq2_0(Bytes block, float* out) // 64 x four pairs of bits, d
{
    const float d = halfAt(block + 64);
    for (int i = 0; i < 256; ++i) {
        const int code = block[i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3;
        out[i] = d * static_cast<float>(code - 1);
    }
}

void mxfp4(Bytes block, float* out) // exponent of the scale, 16 x two nibbles
{
    const std::uint32_t e = block[0];
    // 2^(e - 128), which makes up for the doubled table; subnormal where e is 0 or 1.
    const float d = std::bit_cast<float>(e < 2 ? 0x00200000U << e : (e - 1) << 23U);
    fromTable(block + 1, d, kFourBitFloats, out);
}

} // namespace tw::low
