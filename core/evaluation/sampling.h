// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace tw {

/// How the next token is chosen. Applied in Transformers' order: repetition penalty, then, where it
/// is sampled, temperature, top-k, top-p, min-p.
struct SamplingOptions
{
    std::int64_t maxTokens = 128;
    bool isGreedy = true; ///< the likeliest token; what is for sampling does not matter then
    double temperature = 1.0; ///< > 0
    std::int64_t topK = 0; ///< only the k likeliest; 0: all
    double topP = 1.0; ///< only the smallest set that holds this much probability
    double minP = 0.0; ///< only what has this share of the likeliest one's probability; 0: all
    double repetitionPenalty = 1.0; ///< of tokens that stand in the text already; 1: none
    std::uint64_t seed = 7;
    std::vector<std::int64_t> stopIds; ///< generation ends behind one of these
    /// Generation also ends where this says so of the ids written so far; may be empty.
    std::function<bool(const std::vector<std::int64_t>& written)> isOver;
};

/// Throws Error for the first setting that makes no sense.
void checkSampling(const SamplingOptions& options);

/// Scores of tokens that stand in text already, divided by the penalty where they are above 0 and
/// multiplied where they are below (Keskar et al. 2019, CTRL).
void penaliseRepetition(std::vector<float>& scores,
                        const std::vector<std::int64_t>& text,
                        double penalty);

/// What a softmax turns into the probabilities that are sampled from: minus infinity for what is
/// cut. text: ids so far.
void processScores(std::vector<float>& scores,
                   const std::vector<std::int64_t>& text,
                   const SamplingOptions& options);

/// Chooses tokens; its random numbers depend on the seed and on how many it chose before.
class TokenChooser
{
public:
    explicit TokenChooser(const SamplingOptions& options);
    /// logits: float32 [vocabulary]; text: ids so far, for the repetition penalty. Throws Error
    /// where the logits are not numbers.
    std::int64_t choose(const at::Tensor& logits, const std::vector<std::int64_t>& text = {});

private:
    SamplingOptions m_options;
    RandomStream m_random;
};

/// Throws Error unless some of the scores are finite and the rest are no more than ruled out.
void checkScores(const at::Tensor& logits);

} // namespace tw
