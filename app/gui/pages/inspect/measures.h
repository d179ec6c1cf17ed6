// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tw {

/// What the measures of an X-ray mean, for tooltips.
QString relativeChangeHelp();
QString effectiveRankHelp();
QString stableRankHelp();
QString intrudersHelp();
QString rotationHelp();
QString epsilonHelp();

} // namespace tw
