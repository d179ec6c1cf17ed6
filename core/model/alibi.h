// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/kernels.h"

namespace tw {

/// Attention with linear biases (Press et al. 2022): slope times the key's place, for each head.
ScoreBias alibi(const ModelConfig& config);

} // namespace tw
