// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room: what the classes do to texts before and after SentencePiece.
#include "core/tokenizer/normalizer.h"
#include "core/tokenizer/sentencepiece_conventions.h"

namespace tw {

/// What is done to a stretch of text before it is encoded.
std::vector<NormalizerPtr> cleaningOf(const SentencePieceConventions& conventions);
/// Marks become spaces; with a prefix, one mark stands in front of the text.
void markSpaces(AlignedText& text, bool addsPrefix);
/// The text of tokens as their class decodes it; tokens that are left out are not among them.
std::string decodedText(const std::vector<std::string>& tokens,
                        const SentencePieceModel& model,
                        const SentencePieceConventions& conventions);
/// What one token stands for in the middle of a text.
std::string pieceBytes(std::string token);

} // namespace tw
