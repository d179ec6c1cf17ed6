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
/// modeling_rope_utils makes them for default, linear and llama3 scaling.
at::Tensor rotaryFrequencies(const ModelConfig& config);
/// positions: int64 [tokens].
RotaryTable rotaryTable(const at::Tensor& frequencies, const at::Tensor& positions);
/// Dimension i of each head is turned against dimension i + headSize / 2 (Su et al. 2021, in
/// GPT-NeoX's layout). x: [tokens, heads, headSize]; returns a new tensor.
at::Tensor rotated(const at::Tensor& x, const RotaryTable& table);

} // namespace tw
