// SPDX-License-Identifier: Apache-2.0
#include "core/media/sound.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sndfile.h>
#include <soxr.h>
#include <string>

namespace tw {
namespace {

constexpr std::uint64_t kFreeBytes = 64U << 20U;
constexpr std::int64_t kLeastRate = 1000; // telephones have 8,000
constexpr std::int64_t kMostRate = 768'000; // four times what studios record with
constexpr int kMostChannels = 64;
constexpr double kMostStretch = 16.0; // from a telephone's 8 kHz beyond what studios use
constexpr double kAlwaysFine = 1 << 23; // samples
constexpr sf_count_t kBlock = 1 << 14; // frames that are read at once

using File = std::unique_ptr<SNDFILE, int (*)(SNDFILE*)>;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why)
{
    throw Error(path.string() + ": " + why + ".",
                "Open it in another program and save it as WAV or FLAC, or leave it out.");
}

/// libsndfile's own words; nullptr: of the file that could not be opened.
std::string wordsOf(SNDFILE* file)
{
    std::string words = sf_strerror(file);
    while (words.ends_with('.'))
        words.pop_back();
    return words;
}

File openSound(const std::filesystem::path& path, SF_INFO& info)
{
    File file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
    if (file == nullptr)
        refuse(path, "this sound cannot be read: " + wordsOf(nullptr));
    const int kind = info.format & SF_FORMAT_TYPEMASK;
    if (kind != SF_FORMAT_WAV && kind != SF_FORMAT_WAVEX && kind != SF_FORMAT_FLAC)
        refuse(path, "this is no sound of a kind that is read");
    if (info.channels < 1 || info.channels > kMostChannels || info.samplerate < kLeastRate
        || info.samplerate > kMostRate)
        refuse(path,
               "the sound is damaged: it says that it has " + std::to_string(info.channels)
                   + " channels and " + std::to_string(info.samplerate) + " samples a second");
    return file;
}

void addMeans(const std::vector<float>& block, std::int64_t frames, int channels, Sound& to)
{
    for (std::int64_t frame = 0; frame < frames; ++frame) {
        float sum = 0.0F;
        for (int channel = 0; channel < channels; ++channel)
            sum += block[static_cast<std::size_t>(frame * channels + channel)];
        to.samples.push_back(sum / static_cast<float>(channels));
    }
}

} // namespace

Sound readSound(const std::filesystem::path& path)
{
    if (!std::filesystem::is_regular_file(path))
        throw Error(path.string() + ": there is no such file.", "Check the path.");
    SF_INFO info {};
    const File file = openSound(path, info);
    const std::uint64_t most = (kFreeBytes + 2 * std::filesystem::file_size(path)) / sizeof(float);
    Sound sound {info.samplerate, {}};
    // A header may promise more than the file holds.
    sound.samples.reserve(
        std::min(most, static_cast<std::uint64_t>(std::max<sf_count_t>(info.frames, 0))));
    std::vector<float> block(static_cast<std::size_t>(kBlock * info.channels));
    while (const sf_count_t frames = sf_readf_float(file.get(), block.data(), kBlock)) {
        if (frames < 0 || sound.samples.size() + static_cast<std::uint64_t>(frames) > most)
            refuse(path,
                   "the sound would take more than " + bytesInWords(most * sizeof(float))
                       + " of memory");
        addMeans(block, frames, info.channels, sound);
    }
    if (!std::all_of(sound.samples.begin(), sound.samples.end(),
                     [](float sample) { return std::isfinite(sample); }))
        refuse(path, "the sound is damaged: it holds what is no number");
    if (sf_error(file.get()) != SF_ERR_NO_ERROR)
        refuse(path, "the sound is damaged: " + wordsOf(file.get()));
    if (sound.samples.empty())
        refuse(path, "there is no sound in it");
    return sound;
}

Sound resampled(const Sound& sound, std::int64_t rate)
{
    if (rate < 1 || rate > kMostRate || sound.rate < 1)
        throw Error("A sound of " + std::to_string(sound.rate)
                        + " samples a second cannot be brought to " + std::to_string(rate) + ".",
                    "Choose a rate up to " + groupedDigits(kMostRate) + ".");
    if (rate == sound.rate)
        return sound;
    const double ratio = static_cast<double>(rate) / static_cast<double>(sound.rate);
    const auto count = static_cast<double>(sound.samples.size());
    if (ratio > kMostStretch && count * ratio > kAlwaysFine)
        throw Error("A sound of " + std::to_string(sound.rate) + " samples a second would become "
                        + fixedDecimals(ratio, 0) + " times as long.",
                    "Check the file: sounds have 8,000 samples a second or more.");
    Sound out {rate, {}};
    out.samples.resize(static_cast<std::size_t>(std::ceil(count * ratio)));
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    std::size_t made = 0;
    const soxr_error_t error =
        soxr_oneshot(static_cast<double>(sound.rate), static_cast<double>(rate), 1,
                     sound.samples.data(), sound.samples.size(), nullptr, out.samples.data(),
                     out.samples.size(), &made, nullptr, &quality, nullptr);
    if (error != nullptr)
        throw Error(std::string("The sound cannot be resampled: ") + error + ".",
                    "Resample it in another program.");
    out.samples.resize(made);
    return out;
}

bool isSoundName(const std::filesystem::path& path)
{
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending == ".wav" || ending == ".flac";
}

} // namespace tw
