// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/random.h"
#include "core/job/job_control.h"
#include "core/model/model.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tw {

/// How the next token is chosen. Applied in Transformers' order: temperature, top-k, top-p.
struct SamplingOptions
{
    std::int64_t maxTokens = 128;
    bool isGreedy = true; ///< the likeliest token; the settings below do not matter then
    double temperature = 1.0; ///< > 0
    std::int64_t topK = 0; ///< only the k likeliest; 0: all
    double topP = 1.0; ///< only the smallest set that holds this much probability
    std::uint64_t seed = 7;
    std::vector<std::int64_t> stopIds; ///< generation ends behind one of these
};

/// Throws Error for the first setting that makes no sense.
void checkSampling(const SamplingOptions& options);

/// Chooses tokens; its random numbers depend on the seed and on how many it chose before.
class TokenChooser
{
public:
    explicit TokenChooser(const SamplingOptions& options);
    /// logits: float32 [vocabulary]. Throws Error where they are not numbers.
    std::int64_t choose(const at::Tensor& logits);

private:
    SamplingOptions m_options;
    RandomStream m_random;
};

struct Generation
{
    std::vector<std::int64_t> ids; ///< new ones only; with the stop id at the end where one came
    bool endedByItself = false; ///< a stop id came, rather than the limit
    double tokensPerSecond = 0.0; ///< without reading the prompt
};

/// Continues prompt (not empty) until a stop id, maxTokens or the model's context ends it. onToken
/// is called with each new id as it comes. control.stopAsked() ends it early, cancelling throws
/// Cancelled. Throws Error where the prompt fills the context.
Generation generate(const Model& model,
                    const std::vector<std::int64_t>& prompt,
                    const SamplingOptions& options,
                    const std::function<void(std::int64_t)>& onToken,
                    JobControl& control);

/// Ids behind which an answer is over: end of text, and the end of a turn as the usual chat
/// templates write it.
std::vector<std::int64_t> stopIdsOf(const Tokenizer& tokenizer);

/// Cuts a stream of token bytes where characters end: add() returns what can be shown, the rest
/// waits.
class Utf8Stream
{
public:
    std::string add(const std::string& bytes);
    /// What is left when nothing more comes, repaired.
    std::string rest();

private:
    std::string m_waiting;
};

} // namespace tw
