// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h"
#include "core/base/json.h"

namespace tw {

/// Which weights a stored result is about.
Json toJson(const ModelRef& ref);
/// Throws nlohmann::json::exception where the model or its adapter is missing.
ModelRef modelRefFrom(const Json& json);

} // namespace tw
