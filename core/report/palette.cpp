// SPDX-License-Identifier: Apache-2.0
#include "core/report/palette.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace tw::palette {
namespace {

using Scale = std::array<std::uint32_t, 7>;

constexpr Scale kMagnitudeLight {0xF2F5E8, 0xB6D9BC, 0x6ABDAD, 0x2E99A4,
                                 0x237097, 0x2C477C, 0x272455};
constexpr Scale kMagnitudeDark {0x20222D, 0x2E3D66, 0x2B628D, 0x2D8B9F,
                                0x4FB3A7, 0x93D5A0, 0xE5EDB8};
constexpr Scale kChangeLight {0x184C8A, 0x4F86C3, 0xA9C8E6, 0xF6F6F5, 0xF5C595, 0xDB8435, 0x964006};
constexpr Scale kChangeDark {0x8FC0FA, 0x4D86C8, 0x2C4C74, 0x26292D, 0x75471F, 0xC4752E, 0xFFB976};
constexpr double kPower = 0.75;

double channel(std::uint32_t colour, int shift)
{
    return static_cast<double>((colour >> shift) & 0xFFU);
}

std::uint32_t between(const Scale& scale, double place) // place 0..1
{
    const double at = std::clamp(place, 0.0, 1.0) * 6.0;
    const auto low = std::min(static_cast<std::size_t>(at), std::size_t {5});
    const double share = at - static_cast<double>(low);
    std::uint32_t mixed = 0;
    for (const int shift : {16, 8, 0}) {
        const double value =
            channel(scale[low], shift) * (1 - share) + channel(scale[low + 1], shift) * share;
        mixed |= static_cast<std::uint32_t>(std::lround(value)) << shift;
    }
    return mixed;
}

/// Relative luminance (WCAG 2).
double luminance(std::uint32_t colour)
{
    const auto linear = [](double c) {
        const double s = c / 255.0;
        return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(channel(colour, 16)) + 0.7152 * linear(channel(colour, 8))
        + 0.0722 * linear(channel(colour, 0));
}

void addRules(std::string& out, char prefix, const Scale& scale, int steps)
{
    for (int i = 0; i < steps; ++i) {
        const std::uint32_t colour = between(scale, static_cast<double>(i) / (steps - 1));
        const double light = luminance(colour);
        const bool isBlackBetter = (light + 0.05) / 0.05 >= 1.05 / (light + 0.05);
        char rule[96];
        std::snprintf(rule, sizeof rule, ".%c%d{--c:#%06X;--on:%s}", prefix, i, colour,
                      isBlackBetter ? "#000" : "#fff");
        out += rule;
    }
    out += '\n';
}

} // namespace

int magnitudeStep(double value, double maximum)
{
    if (!(maximum > 0.0) || !(value > 0.0))
        return 0;
    const double place = std::pow(std::min(value / maximum, 1.0), kPower);
    return static_cast<int>(std::lround(place * (kMagnitudeSteps - 1)));
}

double magnitudeAt(int step, double maximum)
{
    return maximum * std::pow(static_cast<double>(step) / (kMagnitudeSteps - 1), 1.0 / kPower);
}

int changeStep(double value, double range)
{
    const double place = std::clamp(0.5 + value / (2.0 * range), 0.0, 1.0);
    return static_cast<int>(std::lround(place * (kChangeSteps - 1)));
}

std::string styleSheet()
{
    std::string light;
    addRules(light, 'm', kMagnitudeLight, kMagnitudeSteps);
    addRules(light, 'd', kChangeLight, kChangeSteps);
    std::string dark;
    addRules(dark, 'm', kMagnitudeDark, kMagnitudeSteps);
    addRules(dark, 'd', kChangeDark, kChangeSteps);
    return light + "@media screen and (prefers-color-scheme:dark){\n" + dark + "}\n";
}

} // namespace tw::palette
