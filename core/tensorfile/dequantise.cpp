// SPDX-License-Identifier: Apache-2.0
// ggml's block formats. A block of 32 holds a scale d (and an offset m): w = d q + m. A "K" block
// of 256 holds eight or sixteen groups with small integer scales of their own under a common d: w =
// (d s) q - (dmin t). This file is compiled without contraction into fused multiply-adds, so that
// the values are those of gguf-py.
#include "core/tensorfile/dequantise.h"

#include "core/tensorfile/dequantise_low.h"
#include "core/tensorfile/half.h"

#include <array>
#include <cstring>

namespace tw {
namespace {

using Bytes = const std::uint8_t*;

/// The fifth bits of 32 values stand together in one word.
std::uint32_t wordAt(Bytes at)
{
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

void q4_0(Bytes block, float* out) // d, 16 x two nibbles
{
    const float d = halfAt(block);
    for (int i = 0; i < 16; ++i) {
        out[i] = d * static_cast<float>((block[2 + i] & 0x0F) - 8);
        out[i + 16] = d * static_cast<float>((block[2 + i] >> 4) - 8);
    }
}

void q4_1(Bytes block, float* out) // d, m, 16 x two nibbles
{
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    for (int i = 0; i < 16; ++i) {
        out[i] = d * static_cast<float>(block[4 + i] & 0x0F) + m;
        out[i + 16] = d * static_cast<float>(block[4 + i] >> 4) + m;
    }
}

void q5_0(Bytes block, float* out) // d, 32 fifth bits, 16 x two nibbles
{
    const float d = halfAt(block);
    const std::uint32_t high = wordAt(block + 2);
    for (int i = 0; i < 16; ++i) {
        const int low5 = static_cast<int>(high >> i & 1U) << 4;
        const int high5 = static_cast<int>(high >> (i + 16) & 1U) << 4;
        out[i] = d * static_cast<float>(((block[6 + i] & 0x0F) | low5) - 16);
        out[i + 16] = d * static_cast<float>((block[6 + i] >> 4 | high5) - 16);
    }
}

void q5_1(Bytes block, float* out) // d, m, 32 fifth bits, 16 x two nibbles
{
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    const std::uint32_t high = wordAt(block + 4);
    for (int i = 0; i < 16; ++i) {
        const int low5 = static_cast<int>(high >> i & 1U) << 4;
        const int high5 = static_cast<int>(high >> (i + 16) & 1U) << 4;
        out[i] = d * static_cast<float>((block[8 + i] & 0x0F) | low5) + m;
        out[i + 16] = d * static_cast<float>(block[8 + i] >> 4 | high5) + m;
    }
}

void q8_0(Bytes block, float* out) // d, 32 signed bytes
{
    const float d = halfAt(block);
    for (int i = 0; i < 32; ++i)
        out[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
}

/// Scale and offset of the eight groups of 32 in Q4_K and Q5_K: 6 bits each, packed into 12 bytes.
struct GroupScales
{
    std::array<float, 8> d {};
    std::array<float, 8> m {};

    explicit GroupScales(Bytes block)
    {
        const float scale = halfAt(block);
        const float minimum = halfAt(block + 2);
        const Bytes packed = block + 4;
        for (std::size_t i = 0; i < 4; ++i) {
            const int last = packed[8 + i];
            d[i] = scale * static_cast<float>(packed[i] & 0x3F);
            m[i] = minimum * static_cast<float>(packed[4 + i] & 0x3F);
            d[i + 4] = scale * static_cast<float>((last & 0x0F) | (packed[i] >> 2 & 0x30));
            m[i + 4] = minimum * static_cast<float>(last >> 4 | (packed[4 + i] >> 2 & 0x30));
        }
    }
};

void q4_k(Bytes block, float* out) // d, dmin, 12 bytes of scales, 128 x two nibbles
{
    const GroupScales scales(block);
    for (std::size_t group = 0; group < 8; ++group) {
        const Bytes q = block + 16 + group / 2 * 32;
        const int shift = group % 2 == 0 ? 0 : 4;
        for (int i = 0; i < 32; ++i)
            *out++ = scales.d[group] * static_cast<float>(q[i] >> shift & 0x0F) - scales.m[group];
    }
}

void q5_k(Bytes block,
          float* out) // d, dmin, 12 bytes of scales, 32 bytes of fifth bits, 128 x two nibbles
{
    const GroupScales scales(block);
    const Bytes high = block + 16;
    for (std::size_t group = 0; group < 8; ++group) {
        const Bytes q = block + 48 + group / 2 * 32;
        const int shift = group % 2 == 0 ? 0 : 4;
        for (int i = 0; i < 32; ++i) {
            const int value = (q[i] >> shift & 0x0F) | (high[i] >> group & 1) << 4;
            *out++ = scales.d[group] * static_cast<float>(value) - scales.m[group];
        }
    }
}

void q6_k(Bytes block,
          float* out) // 128 x two nibbles, 64 x four upper pairs of bits, 16 signed scales, d
{
    const float d = halfAt(block + 208);
    for (int half = 0; half < 2; ++half) {
        const Bytes low = block + half * 64;
        const Bytes high = block + 128 + half * 32;
        for (int quarter = 0; quarter < 4; ++quarter) {
            for (int i = 0; i < 32; ++i) {
                const int nibble = low[quarter % 2 * 32 + i] >> (quarter < 2 ? 0 : 4) & 0x0F;
                const int value = (nibble | (high[i] >> (2 * quarter) & 3) << 4) - 32;
                const int scale =
                    static_cast<std::int8_t>(block[192 + half * 8 + quarter * 2 + i / 16]);
                *out++ = d * static_cast<float>(scale) * static_cast<float>(value);
            }
        }
    }
}

template <auto kBlock, std::uint64_t kBytes, std::uint64_t kElements>
void allBlocks(const std::byte* blocks, std::uint64_t count, float* out)
{
    auto at = reinterpret_cast<Bytes>(blocks);
    for (std::uint64_t i = 0; i < count; ++i, at += kBytes, out += kElements)
        kBlock(at, out);
}

struct Entry
{
    std::string_view dtype;
    Dequantiser run;
};
constexpr std::array<Entry, 15> kEntries {{
    {"Q4_0", allBlocks<q4_0, 18, 32>},
    {"Q4_1", allBlocks<q4_1, 20, 32>},
    {"Q5_0", allBlocks<q5_0, 22, 32>},
    {"Q5_1", allBlocks<q5_1, 24, 32>},
    {"Q8_0", allBlocks<q8_0, 34, 32>},
    {"Q4_K", allBlocks<q4_k, 144, 256>},
    {"Q5_K", allBlocks<q5_k, 176, 256>},
    {"Q6_K", allBlocks<q6_k, 210, 256>},
    {"Q2_K", allBlocks<low::q2_k, 84, 256>},
    {"Q3_K", allBlocks<low::q3_k, 110, 256>},
    {"IQ4_NL", allBlocks<low::iq4_nl, 18, 32>},
    {"IQ4_XS", allBlocks<low::iq4_xs, 136, 256>},
    {"TQ1_0", allBlocks<low::tq1_0, 54, 256>},
    {"TQ2_0", allBlocks<low::tq2_0, 66, 256>},
    {"MXFP4", allBlocks<low::mxfp4, 17, 32>},
}};

} // namespace

Dequantiser dequantiserOf(std::string_view dtype)
{
    for (const Entry& entry : kEntries)
        if (entry.dtype == dtype)
            return entry.run;
    return nullptr;
}

} // namespace tw
