// SPDX-License-Identifier: Apache-2.0
#include "core/media/spectrum.h"

#include "core/base/error.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

// Slaney's scale: 200/3 Hz a mel below 1000 Hz, 27 mels for a factor of 6.4 above.
constexpr double kLinearHz = 1000.0;
constexpr double kLinearMels = 15.0;
constexpr double kHzPerMel = 200.0 / 3.0;
const double kMelsPerLog = 27.0 / std::log(6.4);

double melsOf(double hertz, MelScale scale)
{
    if (scale == MelScale::Kaldi)
        return 1127.0 * std::log(1.0 + hertz / 700.0);
    return hertz < kLinearHz ? hertz / kHzPerMel
                             : kLinearMels + std::log(hertz / kLinearHz) * kMelsPerLog;
}

double hertzOf(double mels, MelScale scale)
{
    if (scale == MelScale::Kaldi)
        return 700.0 * (std::exp(mels / 1127.0) - 1.0);
    return mels < kLinearMels ? mels * kHzPerMel
                              : kLinearHz * std::exp((mels - kLinearMels) / kMelsPerLog);
}

at::Tensor hannWindow(const Stretches& stretches)
{
    const std::int64_t period = stretches.isPeriodic ? stretches.length : stretches.length - 1;
    const at::Tensor turns = at::arange(stretches.length, at::kDouble)
        * (2.0 * std::numbers::pi / static_cast<double>(period));
    return 0.5 - 0.5 * at::cos(turns);
}

at::Tensor framesOf(const at::Tensor& samples, const Stretches& stretches)
{
    at::Tensor sound = samples.to(at::kDouble);
    const std::int64_t border = stretches.isCentred ? stretches.length / 2 : 0;
    if (sound.size(0) + 2 * border < stretches.length || sound.size(0) <= border)
        throw Error("The sound is too short: " + std::to_string(sound.size(0)) + " samples, where "
                        + std::to_string(stretches.length) + " are looked at together.",
                    "Choose a longer sound.");
    if (border > 0)
        sound = at::reflection_pad1d(sound.unsqueeze(0), {border, border}).squeeze(0);
    return sound.unfold(0, stretches.length, stretches.hop);
}

/// Power in each frequency: [stretches, samples] -> [stretches, transform / 2 + 1].
at::Tensor powerOf(at::Tensor frames, const Stretches& stretches, const at::Tensor& window)
{
    if (stretches.removesMean)
        frames = frames - frames.mean(1, true);
    if (stretches.emphasis != 0.0) // what stands before the first sample is taken to be like it
        frames = frames
            - stretches.emphasis
                * at::cat({frames.narrow(1, 0, 1), frames.narrow(1, 0, stretches.length - 1)}, 1);
    // Transformers keeps spectra as float32.
    const at::Tensor spectrum =
        at::fft_rfft(frames * window, stretches.transform).to(at::kComplexFloat);
    return spectrum.to(at::kComplexDouble).abs().square();
}

} // namespace

at::Tensor MelFilters::matrix() const
{
    const double lowestMel = melsOf(lowest, scale);
    const double step = (melsOf(highest, scale) - lowestMel) / static_cast<double>(filters + 1);
    const std::int64_t bins = transform / 2 + 1;
    const auto edge = [&](std::int64_t i) {
        const double mels = lowestMel + step * static_cast<double>(i);
        return isTriangularInMels ? mels : hertzOf(mels, scale);
    };
    const auto place = [&](std::int64_t bin) {
        const double hertz =
            static_cast<double>(rate * bin) / static_cast<double>(transform / 2 * 2);
        return isTriangularInMels ? melsOf(hertz, scale) : hertz;
    };
    at::Tensor weights = at::zeros({bins, filters}, at::kDouble);
    auto* at = weights.mutable_data_ptr<double>();
    for (std::int64_t bin = 0; bin < bins; ++bin)
        for (std::int64_t i = 0; i < filters; ++i) {
            const double rising = (place(bin) - edge(i)) / (edge(i + 1) - edge(i));
            const double falling = (edge(i + 2) - place(bin)) / (edge(i + 2) - edge(i + 1));
            const double scaled = hasEqualArea ? 2.0 / (edge(i + 2) - edge(i)) : 1.0;
            *at++ = std::max(0.0, std::min(rising, falling)) * scaled;
        }
    return weights;
}

at::Tensor melPower(const at::Tensor& samples,
                    const Stretches& stretches,
                    const MelFilters& filters,
                    double floor)
{
    constexpr std::int64_t kBlock = 512; // stretches overlap: all at once take several sounds' room
    const at::Tensor frames = framesOf(samples, stretches);
    const at::Tensor window = hannWindow(stretches);
    const at::Tensor matrix = filters.matrix();
    std::vector<at::Tensor> blocks;
    for (std::int64_t first = 0; first < frames.size(0); first += kBlock) {
        const std::int64_t count = std::min(kBlock, frames.size(0) - first);
        const at::Tensor power = powerOf(frames.narrow(0, first, count), stretches, window);
        blocks.push_back(at::matmul(power, matrix));
    }
    return at::cat(blocks).clamp_min(floor);
}

} // namespace tw
