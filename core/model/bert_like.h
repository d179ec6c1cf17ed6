// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/config_keys.h"
#include "core/model/encoder_heads.h"
#include "core/model/transformer.h"

namespace tw {

// What BERT and the encoders after it spell alike.

/// Sizes, norms after the sums, learned positions and token types. layerNormEpsilon is what the
/// config is silent about.
ModelConfig bertConfig(const JsonKeys& keys, double layerNormEpsilon);
/// Paths of a model whose weights stand behind prefix ("bert.").
ModuleNames bertNames(const std::string& prefix);
/// "gamma" and "beta" of norms in files from TensorFlow.
std::string oldNormName(const std::string& name);
/// A classifier of as many labels as the config has.
DenseLayer labelsLayer(const ModelConfig& config, const std::string& module, WeightSource& weights);
/// A square layer from the hidden size.
DenseLayer squareLayer(const ModelConfig& config,
                       const std::string& module,
                       Activation activation,
                       WeightSource& weights);

/// The heads of RoBERTa's classes, which later encoders kept.
std::unique_ptr<TextHead>
robertaHead(const ModelConfig& config, const HeadParts& parts, WeightSource& weights);

} // namespace tw
