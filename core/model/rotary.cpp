// SPDX-License-Identifier: Apache-2.0
#include "core/model/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw {
namespace {

/// Llama 3.1: long wavelengths are divided by the factor, short ones stay, between them the two are
/// blended.
at::Tensor llama3Scaled(const at::Tensor& frequencies, const ModelConfig::RopeScaling& rope)
{
    const double original = static_cast<double>(rope.originalContext);
    const at::Tensor wavelengths = 2 * std::numbers::pi / frequencies;
    const at::Tensor divided = frequencies / rope.factor;
    const at::Tensor blend = (original / wavelengths - rope.lowFrequencyFactor)
        / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    const at::Tensor blended = (1 - blend) * divided + blend * frequencies;
    const at::Tensor isLong = wavelengths > original / rope.lowFrequencyFactor;
    const at::Tensor isShort = wavelengths < original / rope.highFrequencyFactor;
    return at::where(isLong, divided, at::where(isShort, frequencies, blended));
}

/// Index of the pair of dimensions, not rounded, that turns so often within the original context
/// (YaRN, section 3.2).
double yarnPlace(double rotations, const ModelConfig& config)
{
    const double context = static_cast<double>(config.rope.originalContext);
    return static_cast<double>(config.turned())
        * std::log(context / (rotations * 2 * std::numbers::pi)) / (2 * std::log(config.ropeTheta));
}

/// YaRN (Peng et al. 2023): fast pairs keep their frequency, slow ones are divided by the factor,
/// and a straight ramp leads from the first to the others.
at::Tensor yarnScaled(const at::Tensor& frequencies, const ModelConfig& config)
{
    const ModelConfig::RopeScaling& rope = config.rope;
    const double low = std::max(0.0, std::floor(yarnPlace(rope.fastRotations, config)));
    const double last = static_cast<double>(config.turned() - 1);
    double high = std::min(last, std::ceil(yarnPlace(rope.slowRotations, config)));
    if (low == high)
        high += 0.001; // as the reference does
    const at::Tensor places = at::arange(config.turned() / 2, at::kFloat);
    const at::Tensor slowed = ((places - low) / (high - low)).clamp(0.0, 1.0);
    return frequencies / rope.factor * slowed + frequencies * (1 - slowed);
}

/// 0, 2/d, 4/d ... of the d dimensions that are turned.
at::Tensor exponents(const ModelConfig& config)
{
    return at::arange(0, config.turned(), 2, at::kFloat) / static_cast<double>(config.turned());
}

at::Tensor unscaled(double theta, const ModelConfig& config)
{
    return 1.0 / at::pow(theta, exponents(config));
}

/// The base grows with the row beyond the context (bloc97 and emozilla 2023).
at::Tensor dynamicScaled(const ModelConfig& config, std::int64_t length)
{
    const double context = static_cast<double>(config.contextLength);
    const double longest = std::max(static_cast<double>(length), context);
    const double d = static_cast<double>(config.turned());
    const double growth =
        std::pow(config.rope.factor * longest / context - (config.rope.factor - 1), d / (d - 2));
    return unscaled(config.ropeTheta * growth, config);
}

/// LongRoPE (Ding et al. 2024): a divisor for each frequency, others where the row is long.
at::Tensor longScaled(const ModelConfig& config, std::int64_t length)
{
    const auto& rope = config.rope;
    const auto& divisors = length > rope.originalContext ? rope.longFactors : rope.factors;
    return 1.0
        / (at::tensor(divisors, at::kDouble).to(at::kFloat)
           * at::pow(config.ropeTheta, exponents(config)));
}

} // namespace

double rotaryScale(const ModelConfig& config)
{
    const ModelConfig::RopeScaling& rope = config.rope;
    if (rope.kind == "yarn")
        return rope.attentionFactor.value_or(
            rope.factor <= 1.0 ? 1.0 : 0.1 * std::log(rope.factor) + 1.0);
    if (rope.kind == "longrope")
        return rope.attentionFactor.value_or(
            rope.factor <= 1.0
                ? 1.0
                : std::sqrt(1
                            + std::log(rope.factor)
                                / std::log(static_cast<double>(rope.originalContext))));
    return 1.0;
}

at::Tensor rotaryFrequencies(const ModelConfig& config, std::int64_t length)
{
    const ModelConfig::RopeScaling& rope = config.rope;
    if (rope.kind == "dynamic")
        return dynamicScaled(config, length);
    if (rope.kind == "longrope")
        return longScaled(config, length);
    const at::Tensor frequencies = unscaled(config.ropeTheta, config);
    if (rope.kind == "linear")
        return frequencies / rope.factor;
    if (rope.kind == "llama3")
        return llama3Scaled(frequencies, rope);
    if (rope.kind == "yarn")
        return yarnScaled(frequencies, config);
    if (rope.kind == "factors")
        return frequencies / at::tensor(rope.factors, at::kDouble).to(at::kFloat);
    return frequencies;
}

at::Tensor localFrequencies(const ModelConfig& config)
{
    return unscaled(config.localRopeTheta.value_or(config.ropeTheta), config);
}

RotaryTable rotaryTable(const at::Tensor& frequencies, const at::Tensor& positions, double scale)
{
    // In float32 on purpose: Transformers multiplies in float32, and far positions differ
    // otherwise.
    const at::Tensor angles = at::outer(positions.to(at::kFloat), frequencies);
    if (scale == 1.0)
        return {angles.cos(), angles.sin()};
    return {angles.cos() * scale, angles.sin() * scale};
}

at::Tensor rotated(const at::Tensor& x, const RotaryTable& table)
{
    if (!table.cosines.defined())
        return x;
    const std::int64_t half = table.cosines.size(-1);
    const at::Tensor first = x.narrow(-1, 0, half);
    const at::Tensor second = x.narrow(-1, half, half);
    const at::Tensor cosines = table.cosines.unsqueeze(1);
    const at::Tensor sines = table.sines.unsqueeze(1);
    return at::cat({first * cosines - second * sines, second * cosines + first * sines,
                    x.narrow(-1, 2 * half, x.size(-1) - 2 * half)},
                   -1);
}

} // namespace tw
