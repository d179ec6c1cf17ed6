// SPDX-License-Identifier: Apache-2.0
// The way into Q4_K. A block holds eight groups of 32 values w = d s q - d' m with codes q of four
// bits; s and m are whole numbers of six bits for each group, d and d' halves for the block.
// First each group gets the line a q - b that fits its values best, found by trying code spacings
// and solving for a and b (least squares); then a and b are rounded to what the block can say, and
// of the neighbouring s and m the pair with the smallest error is kept.
#include "core/tensorfile/quantise_k.h"

#include "core/tensorfile/half.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tw {
namespace {

constexpr std::size_t kGroups = 8;
constexpr std::size_t kGroup = 32;
constexpr float kTop = 15.0F; // largest code
constexpr float kLargest = 63.0F; // largest s and m

using Codes = std::array<std::uint8_t, kGroup>;

/// w = a q - b, both at least 0.
struct Line
{
    float a = 0.0F;
    float b = 0.0F;
};

float codesFor(const float* values, Line line, Codes& codes)
{
    const float inverse = line.a > 0.0F ? 1.0F / line.a : 0.0F;
    float error = 0.0F;
    for (std::size_t i = 0; i < kGroup; ++i) {
        const float whole = std::clamp(std::nearbyint((values[i] + line.b) * inverse), 0.0F, kTop);
        codes[i] = static_cast<std::uint8_t>(whole);
        const float miss = line.a * whole - line.b - values[i];
        error += miss * miss;
    }
    return error;
}

/// The line that fits values best with these codes.
Line solved(const float* values, const Codes& codes)
{
    float q = 0.0F;
    float qq = 0.0F;
    float x = 0.0F;
    float qx = 0.0F;
    for (std::size_t i = 0; i < kGroup; ++i) {
        const auto code = static_cast<float>(codes[i]);
        q += code;
        qq += code * code;
        x += values[i];
        qx += code * values[i];
    }
    constexpr auto kCount = static_cast<float>(kGroup);
    const float spread = kCount * qq - q * q;
    Line line;
    if (spread > 0.0F) {
        line.a = (kCount * qx - q * x) / spread;
        line.b = (line.a * q - x) / kCount;
    }
    if (line.b < 0.0F || spread <= 0.0F) // offsets only reach downwards
        line = {qq > 0.0F ? qx / qq : 0.0F, 0.0F};
    line.a = std::max(line.a, 0.0F);
    return line;
}

Line bestLine(const float* values)
{
    const auto [smallest, largest] = std::minmax_element(values, values + kGroup);
    const float low = std::min(*smallest, 0.0F);
    const float width = *largest - low;
    if (width <= 0.0F)
        return {0.0F, -low};
    Line best {width / kTop, -low};
    Codes codes {};
    float least = codesFor(values, best, codes);
    // Up to a step and a half narrower than the range: the outermost values may be cut off.
    for (float steps = kTop - 1.0F; steps <= kTop + 1.5F; steps += 0.125F) {
        codesFor(values, {width / steps, -low}, codes);
        const Line line = solved(values, codes);
        if (const float error = codesFor(values, line, codes); error < least) {
            least = error;
            best = line;
        }
    }
    return best;
}

/// What d or d' is worth once it is a half.
float stored(float value, std::uint8_t* at)
{
    const std::uint16_t bits = halfBits(value);
    std::memcpy(at, &bits, sizeof bits);
    return halfAt(at);
}

std::uint8_t sixBits(float value, float unit, int step)
{
    const float whole = unit > 0.0F ? std::nearbyint(value / unit) : 0.0F;
    return static_cast<std::uint8_t>(std::clamp(whole + static_cast<float>(step), 0.0F, kLargest));
}

struct Group
{
    std::uint8_t s = 0;
    std::uint8_t m = 0;
    Codes codes {};
};

/// The best of s and m around a line, and the codes with them.
Group rounded(const float* values, Line line, float d, float dMin)
{
    Group best;
    float least = 0.0F;
    bool isFirst = true;
    for (int down = -1; down <= 1; ++down)
        for (int side = -1; side <= 1; ++side) {
            Group group;
            group.s = sixBits(line.a, d, side);
            group.m = sixBits(line.b, dMin, down);
            const Line there {d * static_cast<float>(group.s), dMin * static_cast<float>(group.m)};
            const float error = codesFor(values, there, group.codes);
            if (isFirst || error < least) {
                best = group;
                least = error;
                isFirst = false;
            }
        }
    return best;
}

/// s and m of eight groups in 12 bytes: the first four in six bits each, of the others the upper
/// two bits above those.
void putScales(const std::array<Group, kGroups>& groups, std::uint8_t* out)
{
    for (std::size_t i = 0; i < 4; ++i) {
        const Group& first = groups[i];
        const Group& second = groups[i + 4];
        out[i] = static_cast<std::uint8_t>(first.s | (second.s >> 4U) << 6U);
        out[4 + i] = static_cast<std::uint8_t>(first.m | (second.m >> 4U) << 6U);
        out[8 + i] = static_cast<std::uint8_t>((second.s & 0x0FU) | (second.m & 0x0FU) << 4U);
    }
}

} // namespace

void quantiseQ4K(const float* values, std::uint8_t* block)
{
    std::array<Line, kGroups> lines;
    Line most;
    for (std::size_t g = 0; g < kGroups; ++g) {
        lines[g] = bestLine(values + g * kGroup);
        most = {std::max(most.a, lines[g].a), std::max(most.b, lines[g].b)};
    }
    const float d = stored(most.a / kLargest, block);
    const float dMin = stored(most.b / kLargest, block + 2);
    std::array<Group, kGroups> groups;
    for (std::size_t g = 0; g < kGroups; ++g)
        groups[g] = rounded(values + g * kGroup, lines[g], d, dMin);
    putScales(groups, block + 4);
    std::uint8_t* out = block + 16;
    for (std::size_t g = 0; g < kGroups; g += 2)
        for (std::size_t i = 0; i < kGroup; ++i)
            *out++ = static_cast<std::uint8_t>(groups[g].codes[i] | groups[g + 1].codes[i] << 4U);
}

} // namespace tw
