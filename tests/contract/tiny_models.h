// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/model.h"

#include <string>
#include <vector>

namespace tw {

/// A model of tiny width with random weights, made by Transformers, and something for it to read.
struct TinyModel
{
    std::string name; ///< "Llama"
    std::filesystem::path folder;
};
/// A decoder with gates, one with biases and fused attention, an encoder, and an encoder with its
/// decoder.
const std::vector<TinyModel>& tinyModels();

std::shared_ptr<Model> load(const TinyModel& tiny);
/// The same model with other weights.
std::shared_ptr<Model> rebuilt(const TinyModel& tiny, const NamedTensors& weights);
/// A classifier of texts with the first of its labels alone: what a reward is read from.
std::shared_ptr<Model> withOneLabel(const TinyModel& tiny);
/// One row of ids, and one for the decoder where there is one.
Tensors someInputs(const Model& model);
/// The output that the model is for: logits, or the last hidden state. Differentiable.
at::Tensor answer(const Model& model);

} // namespace tw
