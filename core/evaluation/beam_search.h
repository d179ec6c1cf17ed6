// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/evaluation/generation.h"

namespace tw {

/// When a beam search ends before the limit; Transformers' early_stopping.
enum class BeamStop
{
    Heuristic, ///< false: no running text would win if it ended now
    WhenFull, ///< true: as many texts have ended as there are beams
    Never ///< "never": no running text can win any more
};

struct BeamOptions
{
    std::int64_t beams = 4; ///< texts that are followed at once
    double lengthPenalty = 1.0; ///< texts compete with log p / length^penalty: above 0 favours long
    BeamStop stop = BeamStop::Heuristic;
};

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
