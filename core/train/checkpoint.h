// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"
#include "core/train/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tw {

/// Where a run stands after `step` steps. Dropout and the order of the data depend on (seed, step)
/// only, so the numbers below are all the random state there is.
struct TrainingState
{
    std::int64_t step = 0;
    std::int64_t batchesUsed = 0;
    std::int64_t tokens = 0; ///< read so far
    std::int64_t trainedTokens = 0;
    double lastLoss = 0.0;
    std::uint64_t seed = 0;
    std::int64_t threads =
        0; ///< of LibTorch: sums come out the same bit for bit with the same number only
    std::string fingerprint;

    bool operator==(const TrainingState&) const = default;
};

/// The folder of a checkpoint: folder/step-N.
std::filesystem::path checkpointFolder(const std::filesystem::path& folder, std::int64_t step);
/// Steps of which folder holds a checkpoint, oldest first; half-written ones have no such name.
std::vector<std::int64_t> checkpointSteps(const std::filesystem::path& folder);

/// Writes folder/step-N at once: adapter_config.json and adapter_model.safetensors as PEFT reads
/// them, optimizer.safetensors, and state.json with the SHA-256 of each. Throws Error.
std::filesystem::path writeCheckpoint(const std::filesystem::path& folder,
                                      const TrainingState& state,
                                      const Adapter& adapter,
                                      const Optimizer& optimizer,
                                      const std::string& baseModelName);
/// What a checkpoint says of itself. Throws Error where a file is missing or not what was written.
TrainingState readState(const std::filesystem::path& checkpoint);
/// Puts adapter and optimizer into the state of a checkpoint; changes neither where it throws
/// Error.
void restoreCheckpoint(const std::filesystem::path& checkpoint,
                       const Adapter& adapter,
                       Optimizer& optimizer);

/// The checkpoint that a run goes on from.
struct NewestCheckpoint
{
    std::filesystem::path folder; ///< empty: none is whole
    TrainingState state; ///< its own; step 0 where none is whole
    std::vector<std::string> passedOver; ///< a sentence on each newer one that is damaged
};
NewestCheckpoint newestWholeCheckpoint(const std::filesystem::path& folder);

/// Removes all but the newest `keep` checkpoints up to `step`. Those behind it are damaged ones
/// that the run has passed over: counted, they would push out whole ones.
void dropOldCheckpoints(const std::filesystem::path& folder, std::int64_t step, std::int64_t keep);

} // namespace tw
