// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/adaptation/peft_config.h"
#include "core/model/model.h"

#include <functional>
#include <string>
#include <vector>

namespace tw {

/// target_modules for exactly these layers of the model: the last parts of their names where these
/// mean nothing else in it, else whole names.
Json peftTargets(const std::vector<SiteInfo>& chosen, const Model& model);

/// A number as PEFT writes it: 16.0 as 16 where it was given so.
Json peftValue(double value);

/// Writes the adapter_config.json of one of PEFT's methods, for attachParts(): the keys that all of
/// them have, and its own, which win. PEFT 0.21 warns of keys that its method does not know, and
/// means its defaults by those that are missing.
std::function<std::string(const std::string& baseModelName)>
peftConfigWriter(const std::string& peftType, const Json& own);
/// The same for a method that sits at these layers: with target_modules and task_type.
std::function<std::string(const std::string& baseModelName)>
peftConfigWriter(const std::string& peftType,
                 const Json& own,
                 const std::vector<SiteInfo>& chosen,
                 const Model& model);

} // namespace tw
