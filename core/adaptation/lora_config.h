// SPDX-License-Identifier: Apache-2.0
#pragma once

// For .cpp files of core/adaptation only: it shows the JSON library.
#include "core/adaptation/lora_options.h"
#include "core/base/json.h"
#include "core/model/config.h"

#include <vector>

namespace tw {

// Keys of adapter_config.json for peftConfigWriter().

/// Every key that PEFT 0.21 writes of LoRA and its kin beside those of all methods, so that its
/// reader finds nothing missing and nothing new, for this model.
Json defaultLoraKeys(const ModelConfig& model);
/// Those of a LoRA at these layers. isDifference: its tensors are written as the difference from
/// where they began, at twice the rank.
Json loraKeys(const LoraOptions& options,
              const std::vector<LoraSite>& placed,
              bool isDifference,
              const ModelConfig& model);

} // namespace tw
