// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/media/sound.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace tw {

/// What is made of a sound before a model hears it.
struct SoundSteps
{
    enum class Kind
    {
        Samples, ///< themselves, for wav2vec 2.0
        KaldiMels, ///< for the Audio Spectrogram Transformer
        WhisperMels
    };
    Kind kind = Kind::Samples;
    std::int64_t rate = 16000; ///< samples a second
    bool normalises = true;
    bool givesMask = false; ///< Samples: the model is told which of them fill up a row
    std::int64_t filters = 128;
    std::int64_t length = 1024; ///< KaldiMels: stretches, filled up with zeros or cut
    double mean = -4.2677393; ///< KaldiMels, of AudioSet
    double deviation = 4.5689974;
    std::int64_t seconds = 30; ///< WhisperMels: filled up with silence or cut
    std::int64_t hop = 160; ///< WhisperMels: samples from one stretch to the next
    std::int64_t transform = 400; ///< WhisperMels: samples of a stretch

    /// Name of the model's input.
    const char* input() const
    {
        return kind == Kind::WhisperMels ? "input_features" : "input_values";
    }
};

/// From the text of preprocessor_config.json. `where` (a file) stands in the Error.
SoundSteps soundStepsFrom(const std::string& configJson, const std::string& where);
/// float32 of one sound, as Transformers' extractors (4.57, in NumPy) make it: [1, samples], [1,
/// stretches, filters] or, for Whisper, [1, filters, stretches]. The sound is resampled first.
at::Tensor prepared(const Sound& sound, const SoundSteps& steps);

} // namespace tw
