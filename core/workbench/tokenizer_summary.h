// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

/// What a tokenizer is, in words and numbers.
struct TokenizerSummary
{
    struct Special
    {
        std::string name; ///< "bos", "eos", "pad", "unk"
        std::int64_t id = 0;
        std::string text;

        bool operator==(const Special&) const = default;
    };
    std::string path;
    std::string description; ///< "BPE, byte level, 49,152 tokens"
    std::int64_t vocabularySize = 0; ///< highest id + 1
    std::vector<Special> special; ///< those that there are

    bool operator==(const TokenizerSummary&) const = default;
};

/// Of a model folder, a GGUF file, a tokenizer.json or a SentencePiece .model. Throws Error.
TokenizerSummary summaryOfTokenizer(const std::string& path);

} // namespace tw
