// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/gguf_writer.h"

#include <filesystem>

namespace tw {

/// The tokenizer of a model's folder as the fields of a GGUF file (tokenizer.ggml.*), with
/// `vocabularySize` tokens: what the tokenizer has less of is filled with unused ones. Byte-level
/// BPE (tokenizer.json, or vocab.json with merges.txt) becomes the kind "gpt2", SentencePiece's BPE
/// (tokenizer.json or its own .model) "llama"; a folder without a tokenizer has the kind "none".
/// How text is split before merging is a name in GGUF: each known one is tried on texts that tell
/// them apart, and the tokenizer has to give the same ids as the folder's. Throws Error where none
/// does, or where the tokenizer is of another kind.
GgufFields ggufTokenizerFields(const std::filesystem::path& folder, std::int64_t vocabularySize);

} // namespace tw
