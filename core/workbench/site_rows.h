// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/site.h"
#include "core/workbench/values.h"

#include <vector>

namespace tw {

/// The sites of a model by kind and shape, in the order in which each first comes.
std::vector<SiteRow> siteRows(const std::vector<SiteInfo>& sites);
/// The sites that such rows stand for: those outside of the layers, then layer by layer. Throws Error for an unknown kind.
std::vector<SiteInfo> siteInfos(const std::vector<SiteRow>& rows);

} // namespace tw
