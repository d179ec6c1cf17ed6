// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/report/html.h"
#include "core/report/report.h"

#include <string>

namespace tw {

/// A line diagram as inline SVG: axes, grid, up to six lines with name and last value at their end.
/// Points that are not finite are left out. Empty where no line has a point.
std::string lineChart(const ReportChart& chart);
html::Data dataOf(const ReportChart& chart);

/// A matrix as a grid of coloured cells with a colour bar, inline SVG. `counts`, of the same shape
/// or nullptr, are written into the cells where they are not 0. Cells that do not apply (NaN) stay
/// empty.
std::string heatMap(const ResultMatrix& matrix, const ResultMatrix* counts = nullptr);
html::Data dataOf(const ResultMatrix& matrix);

/// A text whose tokens are shaded by their weight, from -3 (blue) to 3 (orange); below 0.35 there
/// is no shade.
std::string shadedText(const ShadedText& text);
/// What the shades mean, once per section.
std::string shadeLegend(const std::string& left, const std::string& right);

} // namespace tw
