// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <filesystem>

namespace tw {

/// Writes a model with all that is attached to it merged in as a folder of Hugging Face's: weights
/// in float32, the source's config.json, and its tokenizer's files as they are. folder is there
/// whole or not at all. Throws Error where something cannot be merged, where the source is no
/// folder of Hugging Face's, or where folder holds something already.
void writeMergedFolder(const ModelSource& source,
                       const Model& model,
                       const std::filesystem::path& folder);

} // namespace tw
