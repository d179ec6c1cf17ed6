// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/experiment/document.h"
#include "core/report/report.h"

#include <string>
#include <vector>

namespace tw {

/// What differs from the defaults.
std::vector<ReportSetting> settingsOf(const Experiment& experiment);

/// What several experiments share beside the defaults, then for each, under its name, what not all
/// of them have alike. Names as many as experiments.
std::vector<ReportSetting> settingsOf(const std::vector<Experiment>& experiments,
                                      const std::vector<std::string>& names);

} // namespace tw
