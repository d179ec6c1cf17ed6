// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/pipeline.h"

namespace tw {

/// BERT's vocab.txt, one token a line, with what tokenizer_config.json beside it says. Throws
/// Error.
TokenizerParts readVocabTxt(const std::filesystem::path& folder);
/// vocab.json and merges.txt: GPT-2, RoBERTa, BART, CLIP, Qwen2. Throws Error, also where
/// tokenizer_config.json names another class.
TokenizerParts readVocabAndMerges(const std::filesystem::path& folder);

} // namespace tw
