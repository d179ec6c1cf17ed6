// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"
#include "core/model/model.h"

#include <vector>

namespace tw {

// Linear layers outside the blocks (a pooler, the layers of a classifier, a projection of the
// embedding) are no sites: nothing is trained there but whole modules. Stored adapters may sit
// there all the same; they change the weights once, when they are attached.

/// The model's sites, and its linear layers beyond them that the file holds tensors for: with a
/// site of no layer.
std::vector<SiteInfo> withLinearsBeyond(const Model& model, const TensorFile& tensors);

/// Turns changes of layers beyond the sites into weights that the adapter brings; their own tensors
/// stay with it, to be written again. Throws Error where the layer has no place for a bias that the
/// change adds.
void settleBeyondSites(const Model& model, AdapterParts& parts);

} // namespace tw
