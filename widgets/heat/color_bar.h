// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/theme.h"

#include <QRectF>
#include <QString>

#include <vector>

class QPainter;

namespace tw {

/// One mark beside a colour bar: its place from 0 (bottom) to 1 (top) and its text.
struct BarTick
{
    double share = 0.0;
    QString text;
};

/// How values get their colour: share = (value / maximum) to the power kColorPower. Below 1 it
/// shows small differences near nothing, where most matrices lie.
constexpr double kColorPower = 0.75;
double colorShare(double value, double maximum);

/// The next round number at or above value, for the top of a scale: 5.8 -> 6.
double roundedUp(double value);
/// Round values from 0 to maximum, at least `spacing` (a share of the bar) apart, both ends among
/// them.
std::vector<double> roundTicks(double maximum, double spacing);

/// Draws a vertical bar of the magnitude palette with ticks at its right.
void drawColorBar(QPainter& painter,
                  const QRectF& bar,
                  const std::vector<BarTick>& ticks,
                  const Theme& theme);

} // namespace tw
