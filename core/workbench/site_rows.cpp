// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/site_rows.h"

#include <algorithm>
#include <tuple>

namespace tw {

std::vector<SiteRow> siteRows(const std::vector<SiteInfo>& sites)
{
    std::vector<SiteRow> rows;
    for (const SiteInfo& info : sites) {
        SiteRow row {siteId(info.site.kind), info.in,      info.out, info.isLinear,
                     info.hasWeight,         info.hasBias, {},       {}};
        auto it = std::find_if(rows.begin(), rows.end(), [&](const SiteRow& known) {
            row.layers = known.layers; // all but these has to be the same
            row.modules = known.modules;
            return known == row;
        });
        row.layers.clear();
        row.modules.clear();
        if (it == rows.end())
            it = rows.insert(rows.end(), row);
        it->layers.push_back(info.site.layer);
        it->modules.push_back(info.module);
    }
    return rows;
}

std::vector<SiteInfo> siteInfos(const std::vector<SiteRow>& rows)
{
    std::vector<SiteInfo> sites;
    for (const SiteRow& row : rows) {
        const SiteKind kind = siteFrom(row.site);
        for (std::size_t i = 0; i < row.layers.size(); ++i)
            sites.push_back({{kind, row.layers[i]},
                             i < row.modules.size() ? row.modules[i] : std::string(),
                             row.in,
                             row.out,
                             row.isLinear,
                             row.hasWeight,
                             row.hasBias});
    }
    std::stable_sort(sites.begin(), sites.end(), [](const SiteInfo& a, const SiteInfo& b) {
        return std::tie(a.site.layer, a.site.kind) < std::tie(b.site.layer, b.site.kind);
    });
    return sites;
}

} // namespace tw
