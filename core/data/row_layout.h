// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/data/dataset.h"

namespace tw {

/// What the rows of a data set are, by the names that people know.
enum class RowLayout
{
    OpenAiMessages, ///< [{"role": .., "content": ..}]
    ShareGpt, ///< [{"from": "human", "value": ..}]
    Preference, ///< a chosen answer and a rejected one
    LabelledAnswers, ///< KTO: an answer and whether it was liked
    Alpaca, ///< instruction, perhaps input, output
    Completion, ///< a prompt and its answer
    TokenLabels, ///< words, and a label for each
    Tokens, ///< rows that somebody tokenised already
    TextPairs, ///< two texts, perhaps with a label
    Captions, ///< a picture and what it shows
    Transcripts, ///< a sound and what is said in it
    Classification, ///< a text, an image or a sound, and its label
    Text, ///< nothing but text
    Other
};
const char* rowLayoutId(RowLayout layout); ///< "sharegpt"
const char* rowLayoutTitle(RowLayout layout); ///< "ShareGPT conversations": for people

/// From the names of the columns and what the first rows hold.
RowLayout recogniseLayout(const Dataset& dataset, const ColumnRoles& roles);

} // namespace tw
