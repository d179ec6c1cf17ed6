// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

namespace tw {

/// A model's weights as Hugging Face names them, with all that is attached to it merged in: without
/// any adapter they compute the same. A tied head that no longer equals the embedding is added as a
/// weight of its own; the config then has to say so. Throws Error where something attached is no
/// change of weights.
NamedTensors mergedWeights(const Model& model);

} // namespace tw
