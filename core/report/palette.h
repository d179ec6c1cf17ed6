// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tw::palette {

// Colours for data, the same as in the window; colour-blind safe. Figures name a step by its class,
// so that the page can change between light and dark.

constexpr int kMagnitudeSteps = 49;
constexpr int kChangeSteps = 49; // odd: the middle one is "no change"

/// Step of value within 0 .. maximum: (value / maximum) ^ 0.75.
int magnitudeStep(double value, double maximum);
/// Value in the middle of a step, the inverse of magnitudeStep.
double magnitudeAt(int step, double maximum);
/// Step of value within -range .. range.
int changeStep(double value, double range);

/// Style rules of all steps, light and dark: .m0 ... as fill, .d0 ... as fill and background, each
/// with the text colour (black or white) that contrasts more as --on.
std::string styleSheet();

} // namespace tw::palette
