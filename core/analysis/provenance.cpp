// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/provenance.h"

#include <string>
#include <vector>

namespace tw {

Json toJson(const ModelRef& ref)
{
    return {
        {"model", ref.model}, {"adapter", ref.adapter}, {"furtherAdapters", ref.furtherAdapters}};
}

ModelRef modelRefFrom(const Json& json)
{
    return {json.at("model"), json.at("adapter"),
            json.value("furtherAdapters", std::vector<std::string> {})}; // older files have none
}

} // namespace tw
