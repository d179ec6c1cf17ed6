// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/model/site.h"

#include <string>
#include <vector>

namespace tw {

/// What is wrong with a selection whatever the method: nothing chosen, a kind where the method
/// cannot sit, a kind or a layer that the model lacks. Fields are "sites" and "sites.attn.q".
Problems checkSelection(const std::string& method,
                        const std::vector<SiteKind>& possible,
                        const std::vector<SiteInfo>& sites,
                        const SiteSelection& selection);

/// That factors of this rank are narrower than every chosen matrix; the field is "settings.rank".
Problems checkRank(std::int64_t rank, const std::vector<SiteInfo>& chosen);

/// Where PEFT attaches a method if nobody says otherwise, in most families: at what makes queries
/// and values.
const std::vector<SiteKind>& queriesAndValues();

/// The chosen ones of sites, in the model's order.
std::vector<SiteInfo> chosenSites(const std::vector<SiteInfo>& sites,
                                  const SiteSelection& selection);

} // namespace tw
