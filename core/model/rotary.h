// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config.h"

#include <ATen/core/Tensor.h>

namespace tw {

/// Cosines and sines of rotary positions, one row per token: [tokens, headSize / 2] each, float32.
struct RotaryTable
{
    at::Tensor cosines;
    at::Tensor sines;
};

/// Angular frequencies per pair of dimensions [headSize / 2], float32, as Transformers'
/// modeling_rope_utils makes them for default, linear, llama3 and yarn scaling.
at::Tensor rotaryFrequencies(const ModelConfig& config);
/// What cosines and sines are multiplied with: 1, or more where yarn stretches the context.
double rotaryScale(const ModelConfig& config);
/// positions: int64 [tokens]. scale: rotaryScale().
RotaryTable
rotaryTable(const at::Tensor& frequencies, const at::Tensor& positions, double scale = 1.0);
/// Dimension i of each head is turned against dimension i + headSize / 2 (Su et al. 2021, in
/// GPT-NeoX's layout). x: [tokens, heads, headSize]; returns a new tensor.
at::Tensor rotated(const at::Tensor& x, const RotaryTable& table);

} // namespace tw
