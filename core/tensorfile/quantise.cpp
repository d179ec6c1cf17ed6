// SPDX-License-Identifier: Apache-2.0
// The way into ggml's simple block formats (dequantise.cpp is the way out). A symmetric block
// (Q8_0, Q4_0, Q5_0) has one scale d: q = round(w / d). Those of 4 and 5 bits let the value of
// largest magnitude fall on the end of the scale that has one step more, so d carries its sign.
// Q4_1 and Q5_1 span from the smallest to the largest value. Compiled without contraction into
// fused multiply-adds, so that the bytes are those of gguf-py.
#include "core/tensorfile/quantise.h"

#include "core/tensorfile/half.h"
#include "core/tensorfile/quantise_k.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace tw {
namespace {

constexpr std::size_t kBlock = 32;
using Codes = std::array<std::uint8_t, kBlock>;

void putHalf(std::uint8_t* out, float value)
{
    const std::uint16_t bits = halfBits(value);
    std::memcpy(out, &bits, sizeof bits);
}

/// 1 / d, or 0 where the block is all zeros.
float inverse(float d)
{
    return d == 0.0F ? 0.0F : 1.0F / d;
}

/// Cut off to a whole number from 0 to top.
std::uint8_t code(float value, float top)
{
    return static_cast<std::uint8_t>(value > 0.0F ? std::min(top, std::trunc(value)) : 0.0F);
}

/// Two codes a byte: i and i + 16.
void putNibbles(std::uint8_t* out, const Codes& codes)
{
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        out[i] = static_cast<std::uint8_t>((codes[i] & 0x0FU) | codes[i + kBlock / 2] << 4U);
}

void putFifthBits(std::uint8_t* out, const Codes& codes)
{
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kBlock; ++i)
        bits |= (codes[i] >> 4U & 1U) << i;
    std::memcpy(out, &bits, sizeof bits);
}

/// Codes of a symmetric block with 2 * half steps; gives d.
float symmetricCodes(const float* values, float half, Codes& codes)
{
    const float* const largest = std::max_element(
        values, values + kBlock, [](float a, float b) { return std::abs(a) < std::abs(b); });
    const float d = *largest / -half;
    const float scale = inverse(d);
    for (std::size_t i = 0; i < kBlock; ++i)
        codes[i] = code(values[i] * scale + (half + 0.5F), 2.0F * half - 1.0F);
    return d;
}

/// Codes from the smallest value (code 0) to the largest (code top).
struct Span
{
    float d = 0.0F;
    float minimum = 0.0F;
};
Span spanCodes(const float* values, float top, Codes& codes)
{
    const auto [minimum, maximum] = std::minmax_element(values, values + kBlock);
    const Span span {(*maximum - *minimum) / top, *minimum};
    const float scale = inverse(span.d);
    for (std::size_t i = 0; i < kBlock; ++i)
        codes[i] = code((values[i] - span.minimum) * scale + 0.5F, top);
    return span;
}

void q8_0(const float* values, std::uint8_t* out) // d, 32 signed bytes
{
    float largest = 0.0F;
    for (std::size_t i = 0; i < kBlock; ++i)
        largest = std::max(largest, std::abs(values[i]));
    const float d = largest / 127.0F;
    const float scale = inverse(d);
    putHalf(out, d);
    for (std::size_t i = 0; i < kBlock; ++i) {
        const float x = values[i] * scale; // rounded, halves away from zero
        const float size = std::abs(x);
        const float whole = std::floor(size) + std::floor(2.0F * (size - std::floor(size)));
        const int rounded = static_cast<int>(std::min(127.0F, whole));
        out[2 + i] = static_cast<std::uint8_t>(x < 0.0F ? -rounded : rounded);
    }
}

void q4_0(const float* values, std::uint8_t* out) // d, 16 x two nibbles
{
    Codes codes {};
    putHalf(out, symmetricCodes(values, 8.0F, codes));
    putNibbles(out + 2, codes);
}

void q4_1(const float* values, std::uint8_t* out) // d, m, 16 x two nibbles
{
    Codes codes {};
    const Span span = spanCodes(values, 15.0F, codes);
    putHalf(out, span.d);
    putHalf(out + 2, span.minimum);
    putNibbles(out + 4, codes);
}

void q5_0(const float* values, std::uint8_t* out) // d, 32 fifth bits, 16 x two nibbles
{
    Codes codes {};
    putHalf(out, symmetricCodes(values, 16.0F, codes));
    putFifthBits(out + 2, codes);
    putNibbles(out + 6, codes);
}

void q5_1(const float* values, std::uint8_t* out) // d, m, 32 fifth bits, 16 x two nibbles
{
    Codes codes {};
    const Span span = spanCodes(values, 31.0F, codes);
    putHalf(out, span.d);
    putHalf(out + 2, span.minimum);
    putFifthBits(out + 4, codes);
    putNibbles(out + 8, codes);
}

void f32(const float* value, std::uint8_t* out)
{
    std::memcpy(out, value, sizeof *value);
}

void f16(const float* value, std::uint8_t* out)
{
    putHalf(out, *value);
}

void bf16(const float* value, std::uint8_t* out) // nearest, ties to even
{
    auto bits = std::bit_cast<std::uint32_t>(*value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) // not a number: made quiet, or rounding might end it
        bits = (bits & 0xFFFF0000U) | 0x00400000U;
    else
        bits += 0x7FFFU + (bits >> 16U & 1U);
    const auto upper = static_cast<std::uint16_t>(bits >> 16U);
    std::memcpy(out, &upper, sizeof upper);
}

template <auto kOne, std::uint64_t kBytes, std::uint64_t kElements>
void all(const float* values, std::uint64_t count, std::byte* blocks)
{
    auto* out = reinterpret_cast<std::uint8_t*>(blocks);
    for (std::uint64_t i = 0; i < count; ++i, out += kBytes, values += kElements)
        kOne(values, out);
}

struct Entry
{
    std::string_view dtype;
    Quantiser run;
};
constexpr std::array<Entry, 9> kEntries {{
    {"F32", all<f32, 4, 1>},
    {"F16", all<f16, 2, 1>},
    {"BF16", all<bf16, 2, 1>},
    {"Q8_0", all<q8_0, 34, 32>},
    {"Q4_0", all<q4_0, 18, 32>},
    {"Q4_1", all<q4_1, 20, 32>},
    {"Q4_K", all<quantiseQ4K, 144, 256>},
    {"Q5_0", all<q5_0, 22, 32>},
    {"Q5_1", all<q5_1, 24, 32>},
}};

} // namespace

Quantiser quantiserOf(std::string_view dtype)
{
    for (const Entry& entry : kEntries)
        if (entry.dtype == dtype)
            return entry.run;
    return nullptr;
}

} // namespace tw
