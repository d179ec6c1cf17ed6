// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/layer_rates.h"

#include <algorithm>
#include <cmath>

namespace tw {

double rateAt(const LayerRates& rates, const Site& site, const std::vector<SiteInfo>& sites)
{
    if (rates.decay == 1.0)
        return 1.0;
    std::int32_t blocks = 0;
    for (const SiteInfo& info : sites)
        blocks = std::max(blocks, info.site.layer + 1);
    if (isBehindLayers(site.kind))
        return 1.0;
    const std::int32_t depth = site.layer + 1; // 0: embeddings
    const std::int32_t behind = rates.convention == "electra" ? 2 : 1;
    return std::pow(rates.decay, blocks + behind - depth);
}

} // namespace tw
