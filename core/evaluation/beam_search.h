// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/evaluation/beam_options.h"
#include "core/evaluation/generation.h"

namespace tw {

/// The text that beam search finds, with the rules of Transformers' generate (4.57): the answer
/// ends at its stop id. options gives maxTokens, stopIds, isOver and the repetition penalty.
/// control as for generate(); stopping early gives the best text so far. Throws Error for settings
/// that make no sense.
Generation beamSearch(const Model& model,
                      const std::vector<std::int64_t>& prompt,
                      const SamplingOptions& options,
                      const BeamOptions& beams,
                      JobControl& control);

} // namespace tw
