// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/values.h"
#include "core/base/json.h"

#include <cstdio>
#include <string>

/// What the stored results have in common.
namespace tw {

inline Json toJson(const ModelRef& ref)
{
    return {
        {"model", ref.model}, {"adapter", ref.adapter}, {"furtherAdapters", ref.furtherAdapters}};
}

inline ModelRef modelRefFrom(const Json& json)
{
    return {json.at("model"), json.at("adapter"),
            json.value("furtherAdapters", std::vector<std::string> {})}; // older files have none
}

/// "0.31"
inline std::string fixedDecimals(double value, int decimals)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

} // namespace tw
