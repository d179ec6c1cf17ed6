// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"

#include <limits>

namespace tw {

/// How long a text may get: as long as the context, for beyond it a model writes worse and worse.
/// Only "dynamic" rotary positions are made to go on.
inline std::int64_t mostTokens(const ModelConfig& config)
{
    const bool goesOn = config.positions == Positions::Rotary && config.rope.kind == "dynamic";
    return goesOn ? std::numeric_limits<std::int64_t>::max() : config.contextLength;
}

} // namespace tw
