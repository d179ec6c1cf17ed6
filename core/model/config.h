// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/site.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tw {

/// Options of the one transformer block and of what stands around it. A family translates its
/// config.json or GGUF keys into this; later families add options here, not blocks.
struct ModelConfig
{
    std::string family; ///< id of the family plug-in, "llama"
    std::string architecture; ///< Hugging Face's class, "LlamaForCausalLM"
    std::int64_t vocabularySize = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t intermediateSize = 0;
    std::int64_t layers = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headSize = 0;
    std::int64_t contextLength = 0;
    double normEpsilon = 1e-5;
    double ropeTheta = 10000.0;
    /// Rotary frequency scaling; kind is Hugging Face's rope_type ("default", "linear", "llama3",
    /// "yarn"), or "factors" where a GGUF file holds one divisor per frequency.
    struct RopeScaling
    {
        std::string kind = "default";
        double factor = 1.0;
        double lowFrequencyFactor = 1.0;
        double highFrequencyFactor = 4.0;
        double fastRotations = 32.0; ///< yarn's beta_fast: who turns more often keeps its speed
        double slowRotations = 1.0; ///< yarn's beta_slow: who turns less often is slowed down
        std::optional<double> attentionFactor; ///< yarn; nothing: 0.1 ln(factor) + 1
        std::int64_t originalContext = 0;
        std::vector<double> factors; ///< headSize / 2 divisors, only with kind "factors"

        bool operator==(const RopeScaling&) const = default;
    } rope;
    std::optional<std::int64_t>
        slidingWindow; ///< a token attends to the last N positions, itself included
    std::string activation = "silu";
    /// Per layer, whether it has the sliding window; empty: every layer has it.
    std::vector<bool> hasWindow;
    bool hasQkvBias = false;
    bool hasOutputBias = false; ///< on o
    bool hasMlpBias = false;
    bool hasQkNorm = false; ///< RMS norm of each head of q and k, before they are turned
    bool tiesHead = false; ///< the head is the embedding
    std::string
        dtype; ///< that most bytes are stored in, as the file spells it: "F32", "BF16", "Q4_1"

    std::optional<std::int64_t> windowOf(std::int64_t layer) const
    {
        const bool has = hasWindow.empty() || hasWindow.at(static_cast<std::size_t>(layer));
        return has ? slidingWindow : std::nullopt;
    }
    std::int64_t queryWidth() const { return heads * headSize; }
    std::int64_t keyWidth() const { return kvHeads * headSize; } ///< of values as well

    bool operator==(const ModelConfig&) const = default;
};

constexpr std::int64_t kMostLayers = 2048; ///< ten times the deepest published model

/// Throws Error where sizes contradict each other or are larger than any model; configs are hostile
/// until this passed. `where` (a file) stands in the Error.
void checkConfig(const ModelConfig& config, const std::string& where);

} // namespace tw
