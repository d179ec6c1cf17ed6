// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"

#include <cstdint>
#include <optional>

namespace tw {

/// What every schedule has: a rise in proportion at the start, as Hugging Face's
/// get_*_schedule_with_warmup does it.
struct WarmupOptions
{
    std::int64_t warmupSteps = 10;
};

const ParamTable<WarmupOptions>& warmupParams();

/// step / warmupSteps while warming up (so step 0 changes nothing); nothing afterwards.
std::optional<double> warmupFactor(std::int64_t step, const WarmupOptions& options);

} // namespace tw
