// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tw {

/// What matrices may be stored as in an exported GGUF file: "F32", "F16", "BF16", "Q8_0" ...
const std::vector<std::string>& ggufExportTypes();

/// Writes folder/NAME-TYPE.gguf with the model and the changes attached to it, and all that
/// llama.cpp wants to know: sizes, tokenizer, chat template. Of a source that is a GGUF file,
/// everything but the weights is taken over. Matrices become `type`, or Q5_0 or F16 where their
/// rows do not divide into its blocks; vectors stay F32. Returns the file. Throws Error where the
/// folder holds something, or for what the format cannot express.
std::filesystem::path writeMergedGguf(const ModelSource& source,
                                      const Model& model,
                                      const std::string& type,
                                      const std::filesystem::path& folder);

} // namespace tw
