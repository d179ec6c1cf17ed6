// SPDX-License-Identifier: Apache-2.0
#include "core/media/sound_steps.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/media/spectrum.h"

#include <ATen/ATen.h>

#include <cmath>

namespace tw {
namespace {

constexpr double kKaldiFloor = 1.192092955078125e-07; // the step of float32 at 1
constexpr double kWhisperFloor = 1e-10;
constexpr double kVarianceFloor = 1e-7; // wav2vec 2.0's
// Some times what Whisper asks for: 480,000 samples, 3,000 stretches of 400, 128 filters.
constexpr std::int64_t kMostFilters = 512;
constexpr std::int64_t kMostSamples = 1 << 21;
constexpr std::int64_t kMostTransformed = 1 << 24;
constexpr std::int64_t kMostNumbers = 1 << 20;

class Keys
{
public:
    Keys(const std::string& configJson, const std::string& where)
        : m_json(parseJson(configJson, where))
        , m_where(where)
    {
        if (!m_json.is_object())
            refuse("it is no object");
    }
    [[noreturn]] void refuse(const std::string& why) const
    {
        throw Error(m_where + ": " + why + ".",
                    "Fetch preprocessor_config.json again from where the model came from.");
    }
    std::int64_t whole(const char* key, std::int64_t otherwise, std::int64_t most) const
    {
        const auto it = m_json.find(key);
        if (it == m_json.end() || it->is_null())
            return otherwise;
        if (!it->is_number_integer() || it->get<std::int64_t>() < 1
            || it->get<std::int64_t>() > most)
            refuse("the key \"" + std::string(key) + "\" has to be a whole number up to "
                   + std::to_string(most));
        return it->get<std::int64_t>();
    }
    double real(const char* key, double otherwise) const
    {
        const auto it = m_json.find(key);
        if (it == m_json.end() || it->is_null())
            return otherwise;
        if (!it->is_number() || !std::isfinite(it->get<double>()))
            refuse("the key \"" + std::string(key) + "\" has to be a number");
        return it->get<double>();
    }
    bool flag(const char* key, bool otherwise) const
    {
        const auto it = m_json.find(key);
        return it != m_json.end() && it->is_boolean() ? it->get<bool>() : otherwise;
    }
    SoundSteps::Kind kind() const
    {
        const auto it = m_json.find("feature_extractor_type");
        const std::string name =
            it != m_json.end() && it->is_string() ? it->get<std::string>() : std::string();
        if (name == "Wav2Vec2FeatureExtractor")
            return SoundSteps::Kind::Samples;
        if (name == "ASTFeatureExtractor")
            return SoundSteps::Kind::KaldiMels;
        if (name == "WhisperFeatureExtractor")
            return SoundSteps::Kind::WhisperMels;
        refuse("sounds for \"" + name
               + "\" cannot be prepared; known are the extractors of wav2vec 2.0, AST and Whisper");
    }

private:
    Json m_json;
    const std::string& m_where;
};

at::Tensor normalisedSamples(const at::Tensor& samples)
{
    const at::Tensor centred = samples - samples.mean();
    return centred / at::sqrt(at::var(samples, false) + kVarianceFloor);
}

at::Tensor kaldiMels(const at::Tensor& samples, const SoundSteps& steps)
{
    Stretches stretches;
    stretches.transform = 512;
    stretches.isCentred = stretches.isPeriodic = false;
    stretches.removesMean = true;
    stretches.emphasis = 0.97;
    const MelFilters filters {
        MelScale::Kaldi, steps.filters,       20.0, static_cast<double>(steps.rate / 2),
        steps.rate,      stretches.transform, true, false};
    at::Tensor mels = melPower(samples, stretches, filters, kKaldiFloor).log().to(at::kFloat);
    const std::int64_t missing = steps.length - mels.size(0);
    mels = missing > 0 ? at::constant_pad_nd(mels, {0, 0, 0, missing})
                       : mels.narrow(0, 0, steps.length);
    return steps.normalises ? (mels - steps.mean) / (steps.deviation * 2.0) : mels;
}

/// The logarithm, at most 8 decades below the loudest, brought to about -1 to 1 (Radford et al.
/// 2022).
at::Tensor whisperMels(const at::Tensor& samples, const SoundSteps& steps)
{
    const std::int64_t length = steps.seconds * steps.rate;
    const std::int64_t missing = length - samples.size(0);
    const at::Tensor sound =
        missing > 0 ? at::constant_pad_nd(samples, {0, missing}) : samples.narrow(0, 0, length);
    Stretches stretches;
    stretches.length = stretches.transform = steps.transform;
    stretches.hop = steps.hop;
    const MelFilters filters {MelScale::Slaney, steps.filters,   0.0,   8000.0,
                              steps.rate,       steps.transform, false, true};
    const at::Tensor all = melPower(sound, stretches, filters, kWhisperFloor).log10();
    const at::Tensor mels = all.narrow(0, 0, all.size(0) - 1).to(at::kFloat); // not the last
    return ((at::maximum(mels, mels.max() - 8.0) + 4.0) / 4.0).t().contiguous();
}

void checkSizes(const Keys& keys, const SoundSteps& steps)
{
    const bool isWhisper = steps.kind == SoundSteps::Kind::WhisperMels;
    const std::int64_t samples = isWhisper ? steps.seconds * steps.rate : 0;
    const std::int64_t stretches = isWhisper ? samples / steps.hop + 1 : steps.length;
    if (samples > kMostSamples || (isWhisper && stretches * steps.transform > kMostTransformed)
        || (steps.kind != SoundSteps::Kind::Samples && stretches * steps.filters > kMostNumbers))
        keys.refuse("it asks for many times the numbers that any known model takes");
}

} // namespace

SoundSteps soundStepsFrom(const std::string& configJson, const std::string& where)
{
    const Keys keys(configJson, where);
    SoundSteps to;
    to.kind = keys.kind();
    to.rate = keys.whole("sampling_rate", to.rate, 768'000);
    to.normalises = keys.flag("do_normalize", true);
    to.givesMask = keys.flag("return_attention_mask", false);
    if (to.kind == SoundSteps::Kind::KaldiMels)
        to.filters = keys.whole("num_mel_bins", 128, kMostFilters);
    if (to.kind == SoundSteps::Kind::WhisperMels)
        to.filters = keys.whole("feature_size", 80, kMostFilters);
    to.length = keys.whole("max_length", to.length, 1 << 16);
    to.mean = keys.real("mean", to.mean);
    to.deviation = keys.real("std", to.deviation);
    if (to.deviation <= 0.0)
        keys.refuse("the key \"std\" has to be above 0");
    to.seconds = keys.whole("chunk_length", to.seconds, 600);
    to.hop = keys.whole("hop_length", to.hop, 1 << 14);
    to.transform = keys.whole("n_fft", to.transform, 1 << 12);
    checkSizes(keys, to);
    return to;
}

at::Tensor prepared(const Sound& sound, const SoundSteps& steps)
{
    const Sound own = resampled(sound, steps.rate);
    const at::Tensor samples = at::tensor(own.samples, at::kFloat);
    switch (steps.kind) {
    case SoundSteps::Kind::KaldiMels:
        return kaldiMels(samples, steps).unsqueeze(0);
    case SoundSteps::Kind::WhisperMels:
        return whisperMels(samples, steps).unsqueeze(0);
    case SoundSteps::Kind::Samples:
        break;
    }
    return (steps.normalises ? normalisedSamples(samples) : samples).unsqueeze(0);
}

} // namespace tw
