// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/job/job_control.h"
#include "core/model/model.h"

#include <cstdint>
#include <vector>

namespace tw {

/// Mean next-token cross-entropy of a text.
struct TextLoss
{
    double nats = 0.0; ///< a token
    std::int64_t tokens = 0; ///< predicted ones
};

/// Reads ids in windows of at most `window` tokens, one after the other; the first token of a
/// window is not predicted. Throws Error for fewer than two tokens. Progress stage "reading".
TextLoss textLoss(const Model& model,
                  const std::vector<std::int64_t>& ids,
                  std::int64_t window,
                  JobControl& control);

} // namespace tw
