// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/pipeline.h"

namespace tw {

/// The tokens of a vocab.json and their ids. Throws Error.
Vocabulary readVocabulary(const std::filesystem::path& file);
/// BERT's vocab.txt, one token a line, with what tokenizer_config.json beside it says. Throws
/// Error, also where that names a class of another kind.
TokenizerParts readVocabTxt(const std::filesystem::path& folder);
/// vocab.json and merges.txt: GPT-2, RoBERTa, BART, CLIP, Qwen2. Throws Error, also where
/// tokenizer_config.json names another class.
TokenizerParts readVocabAndMerges(const std::filesystem::path& folder);

/// vocab.json of letters, for speech: wav2vec 2.0's, whose tokens are decoded as CTC has them
/// (Graves et al. 2006). Throws Error as the other.
TokenizerParts readLetters(const std::filesystem::path& folder);
/// What Transformers does to the decoded text of a folder with a tokenizer.json.
void finishAsConfigured(const std::filesystem::path& folder, TokenizerParts& parts);

} // namespace tw
