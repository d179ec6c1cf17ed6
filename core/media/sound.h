// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tw {

/// One channel of sound.
struct Sound
{
    std::int64_t rate = 0; ///< samples a second
    std::vector<float> samples; ///< from -1 to 1

    bool operator==(const Sound&) const = default;
};

/// Reads WAV (whole numbers of 8 to 32 bits, floats) and FLAC; several channels become their mean.
/// Throws Error for other files, for damaged ones, and for sounds that would take more memory than
/// 64 MiB and twice their file.
Sound readSound(const std::filesystem::path& path);
/// At another rate, through libsoxr's "high quality", as librosa.resample() does it. Throws Error
/// for rates that are no rates.
Sound resampled(const Sound& sound, std::int64_t rate);
/// True where the name ends as those of sounds do.
bool isSoundName(const std::filesystem::path& path);

} // namespace tw
