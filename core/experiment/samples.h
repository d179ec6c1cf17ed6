// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/layout.h"
#include "core/experiment/parts.h"
#include "core/job/job_control.h"
#include "core/model/model.h"

#include <string>
#include <vector>

namespace tw {

/// A held-out prompt that a run answers before and after the training.
struct SamplePrompt
{
    std::string text; ///< what a person asks
    std::string target; ///< what the data answers
    std::vector<std::int64_t> ids; ///< as the model reads it
};

/// A few prompts, evenly spread over the held-out rows; none where the rows have no prompt.
std::vector<SamplePrompt> samplePrompts(const DataSlice& heldOut, const RowTokenizer& tokenizer);

/// The model's likeliest answer, token by token.
std::string greedyAnswer(const Model& model,
                         const Tokenizer& tokenizer,
                         const SamplePrompt& prompt,
                         JobControl& control);

} // namespace tw
