// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/decoder.h"
#include "core/tokenizer/model.h"
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/post_processor.h"
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/tokenizer.h"

namespace tw {

/// What a tokenizer is made of, whichever file it comes from. A text is cut at its added tokens;
/// what lies between is normalised, cut into pieces, and each piece becomes tokens of the model.
struct TokenizerParts
{
    TokenModelPtr model;
    std::vector<AddedToken> added; ///< their ids may lie outside the vocabulary
    std::vector<NormalizerPtr> normalizers; ///< applied one after the other
    std::vector<PreTokenizerPtr> preTokenizers;
    PostProcessor frames;
    DecoderPtr decoder; ///< without one, tokens are joined by spaces as they are spelled
    SpecialTokens special;
    /// What becomes of a decoded text in the end, one after the other.
    std::vector<std::string (*)(std::string)> finishing;
};

/// Throws Error with `where` (a file) where the parts do not fit together.
std::shared_ptr<const Tokenizer> makeTokenizer(TokenizerParts parts, const std::string& where);

/// From the text of a tokenizer.json. Throws Error with `where` (the file), the place and the
/// reason.
TokenizerParts readTokenizerJson(std::string_view json, const std::string& where);

class GgufHeader;
/// From the metadata of a GGUF file.
TokenizerParts readGgufTokenizer(const GgufHeader& header, const std::string& where);

} // namespace tw
