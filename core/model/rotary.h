// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"

#include <ATen/core/Tensor.h>

namespace tw {

/// Cosines and sines of rotary positions, one row per token: [tokens, turned / 2] each, float32.
/// Undefined where nothing is turned.
struct RotaryTable
{
    at::Tensor cosines;
    at::Tensor sines;
};

/// Angular frequencies per pair of dimensions [turned / 2], float32, as Transformers'
/// modeling_rope_utils makes them. length: of the longest row, on which the frequencies of
/// "dynamic" and "longrope" scaling depend.
at::Tensor rotaryFrequencies(const ModelConfig& config, std::int64_t length);
/// Those of the layers with a window, where these have their own.
at::Tensor localFrequencies(const ModelConfig& config);
/// What cosines and sines are multiplied with: 1, or more where yarn or longrope stretches the
/// context.
double rotaryScale(const ModelConfig& config);
/// positions: int64 [tokens]. scale: rotaryScale().
RotaryTable
rotaryTable(const at::Tensor& frequencies, const at::Tensor& positions, double scale = 1.0);
/// The first dimensions of each head: i is turned against i + half of them (Su et al. 2021, in
/// GPT-NeoX's layout); the table says how many. The others stay, and all do where the table is
/// undefined. x: [tokens, heads, headSize]; returns a new tensor.
at::Tensor rotated(const at::Tensor& x, const RotaryTable& table);

} // namespace tw
