// SPDX-License-Identifier: Apache-2.0
#pragma once

// Only for .cpp files of this room: the parts of a tokenizer.json, each of its own place there.
// What is not understood is refused by name: a tokenizer that is nearly right would spoil a
// training without a word.
#include "core/tokenizer/json_place.h"
#include "core/tokenizer/pipeline.h"
#include "core/tokenizer/tokenizer_events.h"

namespace tw {

/// {"String": "x"} or {"Regex": "x+"}.
Pattern readPattern(const JsonPlace& place);
PrependScheme readPrependScheme(const JsonPlace& place);

void readNormalizers(const JsonPlace& place, std::vector<NormalizerPtr>& normalizers);

struct PreTokenizerSteps
{
    std::vector<PreTokenizerPtr> steps;
    bool endsInBytes = false; ///< the last one is makeBytePieces()
};
void readPreTokenizers(const JsonPlace& place, PreTokenizerSteps& steps);

PostProcessor readPostProcessor(const JsonPlace& place);
DecoderPtr readDecoder(const JsonPlace& place); ///< none where there is null

/// Whether the model is BPE and takes bytes as well as it takes the letters that stand for them.
bool takesBytes(const JsonPlace& model, const TokenizerEvents& events);
/// Takes vocabulary and merges out of events.
TokenModelPtr readModel(const JsonPlace& place,
                        TokenizerEvents& events,
                        bool isByteLevel,
                        const std::string& where);

} // namespace tw
