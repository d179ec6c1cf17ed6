// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/param.h"
#include "core/base/registry.h"

#include <cstdint>
#include <functional>

namespace tw {

/// How the learning rate goes over a run, as a plug-in.
struct Schedule
{
    std::string id;
    std::string title;
    std::string summary;
    std::vector<ParamSpec> params;
    /// What the learning rate is multiplied with in step `step` of 0 .. steps - 1.
    std::function<double(std::int64_t step, std::int64_t steps, const ParamValues&)> factor;
};

/// All schedules, filled at first use.
const Registry<Schedule>& schedules();

} // namespace tw
