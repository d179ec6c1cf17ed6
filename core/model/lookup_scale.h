// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"

namespace tw {

/// Whether the rows of the token table are scaled when they are read, and embeddings that come from
/// elsewhere are not: config.embeddingScale then holds for the rows alone.
bool scalesLookup(const ModelConfig& config);

} // namespace tw
