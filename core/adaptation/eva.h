// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/adaptation/lora_options.h"

#include <cstdint>
#include <vector>

namespace tw {

/// EVA (Paischer et al. 2024): A starts with the directions in which the layer's inputs vary most,
/// and layers whose inputs vary in more directions get more of the rank.
struct EvaSite
{
    LoraSite site; ///< with the rank it got and, so that its scale stays, another alpha
    at::Tensor A; ///< [rank, in]
};
/// sites with a rank of 0 are left out. rho: the most that a layer may get, as a multiple of its
/// rank. All tokens of the calibration count. Throws Error where they are fewer than the directions
/// that are asked for.
std::vector<EvaSite> evaSites(Model& model,
                              const std::vector<LoraSite>& sites,
                              double rho,
                              const std::vector<PackedInput>& calibration);

/// How many directions each layer gets where those with the largest shares, over all layers, get
/// the budget. shares: of each layer, the largest first; of equal ones the earlier layer's count
/// first.
std::vector<std::int64_t> evaRanks(const std::vector<std::vector<double>>& shares,
                                   std::int64_t budget);

} // namespace tw
