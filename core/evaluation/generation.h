// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/evaluation/sampling.h"
#include "core/job/job_control.h"
#include "core/model/model.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tw {

struct Generation
{
    std::vector<std::int64_t> ids; ///< new ones only; with the stop id at the end where one came
    bool endedByItself = false; ///< a stop id or a stop text came, rather than the limit
    double tokensPerSecond = 0.0; ///< without reading the prompt; of all texts that ran together
};

/// Continues (or, with an encoder, answers) a prompt, which is not empty, until a stop id,
/// options.isOver, maxTokens or the model's context ends it. onToken is called with each new id as
/// it comes. control.stopAsked() ends it early, cancelling throws Cancelled. Throws Error where the
/// prompt fills the context.
Generation generate(const Model& model,
                    const std::vector<std::int64_t>& prompt,
                    const SamplingOptions& options,
                    const std::function<void(std::int64_t)>& onToken,
                    JobControl& control);

/// The same for several prompts at once, which together wait for memory only as long as one does.
/// Where it samples, each prompt has its own random numbers. onToken(prompt's number, id) may be
/// empty.
std::vector<Generation> generateAll(const Model& model,
                                    const std::vector<std::vector<std::int64_t>>& prompts,
                                    const SamplingOptions& options,
                                    const std::function<void(std::size_t, std::int64_t)>& onToken,
                                    JobControl& control);

/// For SamplingOptions::isOver: true once the text of the ids holds one of stops in a place that
/// the last id reaches. Throws Error for an empty one.
std::function<bool(const std::vector<std::int64_t>&)>
stopTexts(const Tokenizer& tokenizer, std::vector<std::string> stops); ///< tokenizer outlives it

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
