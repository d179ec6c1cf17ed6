// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/virtual_tokens.h"
#include "core/base/random.h"

#include <memory>
#include <string>
#include <vector>

namespace tw {

// Networks that make virtual tokens of trained embeddings, [count, width], while they are trained.
// Names of their parameters and first values are PEFT's: embeddings from N(0, 1), linear layers and
// their biases uniform within 1 / sqrt(inputs), an LSTM within 1 / sqrt(hidden).

/// Linear layers with an activation between each two.
struct PromptMlp
{
    std::int64_t count = 0; ///< of virtual tokens
    std::vector<std::int64_t> widths; ///< of the embeddings, behind each layer
    TensorFunction activation;
    std::string name; ///< PEFT's, of the layers: "mlp_head"
};
std::shared_ptr<const TokenNumbers> numbersOf(const PromptMlp& mlp, RandomStream& random);

/// An LSTM that reads the embeddings in both directions, and two linear layers with a ReLU behind.
struct PromptLstm
{
    std::int64_t count = 0;
    std::int64_t width = 0; ///< of the embeddings, and of what comes out
    std::int64_t hidden = 0; ///< of each direction
    std::int64_t layers = 2;
    double dropout = 0.0; ///< between the layers, while training
};
std::shared_ptr<const TokenNumbers> numbersOf(const PromptLstm& lstm, RandomStream& random);

/// Trained scalars of each.
std::int64_t trainedCount(const PromptMlp& mlp);
std::int64_t trainedCount(const PromptLstm& lstm);

} // namespace tw
