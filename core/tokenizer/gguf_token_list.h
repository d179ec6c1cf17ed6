// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room.
#include "core/tensorfile/gguf_writer.h"

#include <filesystem>

namespace tw {

/// tokenizer.ggml.token_type
enum class GgufTokenType : std::int32_t
{
    Normal = 1,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte
};

/// The tokens of a tokenizer as a GGUF file lists them, by id.
struct GgufTokenList
{
    /// So many tokens, all unused: "[PAD0]" ... Throws Error for a number that makes no model.
    GgufTokenList(std::filesystem::path from, std::int64_t size);

    /// The place of an id. Throws Error where it is none of the tokens.
    std::size_t place(std::int64_t id) const;
    [[noreturn]] void refuse(const std::string& what) const;
    GgufFields fields() const;

    std::filesystem::path file; ///< which it is read from, for messages
    bool isByteLevel = true; ///< the kind "gpt2"; else "llama"
    std::vector<std::string> texts;
    std::vector<GgufTokenType> types;
    std::vector<std::string> merges; ///< of "gpt2"
    std::vector<float> scores; ///< of "llama": of two possible merges the better one comes first
};

// All throw Error where the tokenizer is no BPE of the two kinds.
GgufTokenList ggufTokensOfJson(const std::filesystem::path& tokenizerJson, std::int64_t size);
/// From a SentencePiece model, and the tokens that the configuration beside it adds.
GgufTokenList ggufTokensOfSentencePiece(const std::filesystem::path& model, std::int64_t size);
/// From vocab.json and merges.txt, and the configuration beside them.
GgufTokenList ggufTokensOfMerges(const std::filesystem::path& folder, std::int64_t size);

} // namespace tw
