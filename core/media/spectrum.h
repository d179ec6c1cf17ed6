// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace tw {

/// Scales of pitch: what frequency is heard as how high.
enum class MelScale
{
    Kaldi, ///< 1127 ln(1 + f / 700)
    Slaney ///< linear to 1000 Hz, then logarithmic (Slaney 1998, Auditory Toolbox)
};

/// Triangles over the frequencies of a spectrum, evenly spaced in pitch.
struct MelFilters
{
    MelScale scale = MelScale::Slaney;
    std::int64_t filters = 80;
    double lowest = 0.0; ///< Hz
    double highest = 8000.0;
    std::int64_t rate = 16000; ///< samples a second
    std::int64_t transform = 400; ///< samples that one spectrum is of
    bool isTriangularInMels = false; ///< else in Hz
    bool hasEqualArea = false;

    at::Tensor matrix() const; ///< double [transform / 2 + 1, filters]
};

/// How a sound is cut into short stretches.
struct Stretches
{
    std::int64_t length = 400; ///< samples
    std::int64_t hop = 160; ///< samples from one to the next
    std::int64_t transform = 400; ///< samples of the transform; zeros fill up
    bool isCentred = true; ///< the sound is mirrored at its ends, by half a stretch
    bool isPeriodic = true; ///< the window, which is Hann's
    bool removesMean = false; ///< of each stretch
    double emphasis = 0.0; ///< each sample is reduced by so much of the one before
};

/// Power in each filter, at least `floor`: samples [n] -> double [stretches, filters]. Throws Error
/// where the sound is too short.
at::Tensor melPower(const at::Tensor& samples,
                    const Stretches& stretches,
                    const MelFilters& filters,
                    double floor);

} // namespace tw
