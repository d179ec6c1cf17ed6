// SPDX-License-Identifier: Apache-2.0
#include "core/model/rotary.h"

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

} // namespace

at::Tensor rotaryFrequencies(const ModelConfig& config)
{
    const at::Tensor exponents =
        at::arange(0, config.headSize, 2, at::kFloat) / static_cast<double>(config.headSize);
    const at::Tensor frequencies = 1.0 / at::pow(config.ropeTheta, exponents);
    const ModelConfig::RopeScaling& rope = config.rope;
    if (rope.kind == "linear")
        return frequencies / rope.factor;
    if (rope.kind == "llama3")
        return llama3Scaled(frequencies, rope);
    if (rope.kind == "factors")
        return frequencies / at::tensor(rope.factors, at::kDouble).to(at::kFloat);
    return frequencies;
}

RotaryTable rotaryTable(const at::Tensor& frequencies, const at::Tensor& positions)
{
    // In float32 on purpose: Transformers multiplies in float32, and far positions differ
    // otherwise.
    const at::Tensor angles = at::outer(positions.to(at::kFloat), frequencies);
    return {angles.cos(), angles.sin()};
}

at::Tensor rotated(const at::Tensor& x, const RotaryTable& table)
{
    const std::int64_t half = x.size(-1) / 2;
    const at::Tensor first = x.narrow(-1, 0, half);
    const at::Tensor second = x.narrow(-1, half, half);
    const at::Tensor cosines = table.cosines.unsqueeze(1);
    const at::Tensor sines = table.sines.unsqueeze(1);
    return at::cat({first * cosines - second * sines, second * cosines + first * sines}, -1);
}

} // namespace tw
