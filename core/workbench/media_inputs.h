// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <filesystem>
#include <vector>

namespace tw {

/// Pictures as the model's preprocessor_config.json says: {"pixel_values": [pictures, 3, height,
/// width]}. Throws Error where the folder brings none, a picture cannot be read, or their sizes
/// differ when they are prepared.
Tensors pictureInputs(const std::filesystem::path& model,
                      const std::vector<std::filesystem::path>& pictures);
/// Sounds likewise: {"input_values": ..} or, for Whisper, {"input_features": ..}. Shorter ones get
/// zeros at their end, and an "attention_mask" where the configuration asks for one.
Tensors soundInputs(const std::filesystem::path& model,
                    const std::vector<std::filesystem::path>& sounds);

} // namespace tw
