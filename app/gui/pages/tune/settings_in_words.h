// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <QString>

#include <vector>

namespace tw {

/// "chat": "model's own template".
QString layoutInWords(const std::string& layout);
/// All layouts: id and words.
std::vector<std::pair<QString, QString>> layouts();
/// Where the experiment differs from the defaults of its methods, without model and data; fields in
/// words.
std::vector<FieldDifference> differencesInWords(const Experiment& experiment,
                                                const std::vector<PluginInfo>& methods);

} // namespace tw
