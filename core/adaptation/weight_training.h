// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

// What methods share that train weights of the model where they stand, instead of adding to them.

/// Sites with a weight that can be trained: tables, norms, linear layers, the head.
const std::vector<SiteKind>& weightSites();
bool isNormSite(SiteKind kind);
/// Scalars of a site's weight and of its bias.
std::int64_t weightCount(const SiteInfo& info);
std::int64_t biasCount(const SiteInfo& info);
/// Both, of all these sites.
std::int64_t weightCount(const std::vector<SiteInfo>& sites);

/// A weight of the model at a site.
struct PlacedWeight
{
    SiteInfo info;
    std::string name; ///< Hugging Face's
    bool isBias = false;
    at::Tensor value; ///< the model's own
};
/// All weights at these sites, in the model's order. A head that is tied to the embedding has none.
std::vector<PlacedWeight> weightsAt(const Model& model, const std::vector<SiteInfo>& chosen);

/// Adds the weight, as a copy that starts with `value`, to what an adapter brings; a head tied to
/// it stays tied. storedAs: its name in the adapter's file; empty: its own.
void trainWeight(const Model& model,
                 const PlacedWeight& weight,
                 const at::Tensor& value,
                 AdapterParts& parts,
                 const std::string& storedAs = {});

/// The problems that all these methods have in common, for check().
Problems checkWeightSites(const std::string& title,
                          const std::vector<SiteKind>& possible,
                          const std::vector<SiteInfo>& sites,
                          const SiteSelection& selection);

} // namespace tw
