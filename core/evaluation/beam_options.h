// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

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

    bool operator==(const BeamOptions&) const = default;
};

} // namespace tw
