// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tokenizer/regex.h"

#include <memory>

namespace tw {

/// Turns tokens, as the vocabulary spells them, back into text. Each behaves as its namesake in
/// Hugging Face's tokenizers. Any thread may use it.
class Decoder
{
public:
    virtual ~Decoder() = default;
    /// The parts of the text, which are joined afterwards.
    virtual std::vector<std::string> decode(std::vector<std::string> tokens) const = 0;
    /// What one token stands for in the middle of a text, in bytes: may be part of a character.
    virtual std::string bytesOf(std::string token) const = 0;
};
using DecoderPtr = std::unique_ptr<const Decoder>;

/// English typography as Transformers' clean_up_tokenization has it: no space before a full stop or
/// a contraction.
std::string cleanedUpText(std::string text);

DecoderPtr makeByteLevelDecoder();
DecoderPtr makeWordPieceDecoder(std::string prefix, bool cleansUp);
DecoderPtr makeMetaspaceDecoder(char32_t replacement, bool dropsFirst);
DecoderPtr makeBpeDecoder(std::string suffix);
DecoderPtr makeByteFallbackDecoder();
DecoderPtr makeFuseDecoder();
/// Drops up to `start` and `stop` characters `content` at the ends of each token.
DecoderPtr makeStripDecoder(char32_t content, std::size_t start, std::size_t stop);
DecoderPtr makeReplaceDecoder(Pattern pattern, std::string with);
/// Connectionist temporal classification (Graves et al. 2006): of equal neighbours one stays.
DecoderPtr makeCtcDecoder(std::string pad, std::string wordDelimiter, bool cleansUp);
DecoderPtr makeDecoderSequence(std::vector<DecoderPtr> steps);

} // namespace tw
