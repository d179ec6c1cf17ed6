// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"
#include "widgets/basic/figure_row.h"
#include "widgets/heat/xray_grid.h"

#include <vector>

namespace tw {

/// What an X-ray found, as numbers; all shares are of squared Frobenius norms, so that they add up.
struct XrayFindings
{
    std::int64_t matrices = 0;
    double relativeChange = 0.0; ///< |dW| / |W| over all matrices together
    std::int64_t firstBlock = 0; ///< of the third of the blocks that holds most of the change
    std::int64_t lastBlock = 0;
    double shareThere = 0.0;
    std::string mostMoved; ///< module with the highest mean of |dW| / |W|
    std::string leastMoved;
    double mostMean = 0.0;
    double leastMean = 0.0;
    std::int64_t intruders = 0;
    std::int64_t directions = 0; ///< leading directions that were looked at
    std::int64_t matricesWithIntruders = 0;

    bool operator==(const XrayFindings&) const = default;
};
XrayFindings findingsOf(const XrayResult& result, double epsilon);

/// The same as sentences with their number first; run: for what was forgotten, may be null.
std::vector<Figure>
figuresOf(const XrayFindings& findings, std::int64_t layers, const RunSummary* run);

/// What the X-ray's grid can be coloured by.
enum class XrayMeasure
{
    RelativeChange,
    EffectiveRank,
    Intruders,
    Rotation
};
XrayGridData gridOf(const XrayResult& result, XrayMeasure measure, double epsilon);

} // namespace tw
