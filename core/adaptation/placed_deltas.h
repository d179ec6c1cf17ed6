// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// A delta and the place where it sits.
struct PlacedDelta
{
    SiteInfo info;
    std::shared_ptr<const WeightDelta> delta;
};

/// An adapter that consists of one weight delta per site; attaches them at once. The model has to
/// outlive it.
std::unique_ptr<Adapter>
placeDeltas(Model& model,
            std::vector<PlacedDelta> deltas,
            std::function<std::string(const std::string& baseModelName)> peftConfig);

} // namespace tw
