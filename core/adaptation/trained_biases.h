// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adapter_parts.h"

#include <vector>

namespace tw {

/// PEFT's bias "all": copies of all biases of the model, to be trained in their place and stored as
/// PEFT does: those of wrapped layers, where the method sits, under "base_layer".
std::vector<BroughtWeight> allBiases(const Model& model, const std::vector<SiteInfo>& wrapped);
/// PEFT's "lora_only" and its kin: those of the wrapped layers alone.
std::vector<BroughtWeight> ownBiases(const Model& model, const std::vector<SiteInfo>& wrapped);

} // namespace tw
