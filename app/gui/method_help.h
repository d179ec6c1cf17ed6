// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QString>

#include <vector>

namespace tw {

/// The end of a method's help page, made from the method itself so that it cannot grow stale: where
/// it can sit, its settings with ranges and defaults, its paper. Markdown.
QString methodHelp(const PluginInfo& method);
/// The same for the adaptation of this name; empty where there is none.
QString methodHelp(const std::vector<PluginInfo>& plugins, const QString& name);

} // namespace tw
