// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/train/batch_source.h"

#include <filesystem>

namespace tw {

/// The batches of `rows`, whose Batch::files are read and prepared as the preprocessor_config.json
/// of the model says. A batch at a time: all pictures together would fill the memory. medium: what
/// the files hold. Throws Error where the model brings no such configuration, and batch() where a
/// file cannot be read or pictures of one batch differ in size.
std::unique_ptr<BatchSource> mediaBatches(std::unique_ptr<BatchSource> rows,
                                          RowMedium medium,
                                          const std::filesystem::path& model);

} // namespace tw
