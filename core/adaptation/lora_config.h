// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/adaptation/lora_options.h"
#include "core/base/json.h"

#include <string>
#include <vector>

namespace tw {

/// Every key that PEFT 0.21 writes of a LoRA, in its order (sorted), so that its reader finds
/// nothing missing and nothing new.
Json defaultLoraConfig();
/// PEFT writes 16.0 as 16 where alpha was given so.
Json peftNumberOf(double value);

/// What adapter_config.json says of a LoRA.
struct LoraRecord
{
    LoraOptions options;
    std::vector<LoraSite> placed;
    std::vector<SiteInfo> sites; ///< all of the model
    /// The tensors are written as the difference from where they began, at twice the rank.
    bool isDifference = false;
};
/// PEFT's adapter_config.json as text.
std::string loraConfig(const LoraRecord& record, const std::string& baseModelName);

} // namespace tw
