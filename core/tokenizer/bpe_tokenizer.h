// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/bpe.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/tokenizer.h"

namespace tw {

/// What a byte-level BPE tokenizer is made of, whichever file it comes from.
struct TokenizerParts
{
    Vocabulary vocabulary;
    MergeList merges;
    BpeOptions options;
    std::vector<AddedToken> added; ///< their ids may lie outside the vocabulary
    std::vector<NormalForm> forms;
    std::vector<PreTokenizer::Step> steps;
    std::vector<std::int64_t> prefix; ///< ids before and behind a text with special tokens
    std::vector<std::int64_t> suffix;
    bool hasDecoder = true; ///< without one, tokens are joined by spaces as they are spelled
    SpecialTokens special;
};

/// Throws Error with `where` (a file) where the parts do not fit together.
std::shared_ptr<const Tokenizer> makeBpeTokenizer(TokenizerParts parts, const std::string& where);

/// From the text of a tokenizer.json. Throws Error with `where` (the file), the place and the
/// reason.
TokenizerParts readTokenizerJson(std::string_view json, const std::string& where);

class GgufHeader;
/// From the metadata of a GGUF file.
TokenizerParts readGgufTokenizer(const GgufHeader& header, const std::string& where);

} // namespace tw
