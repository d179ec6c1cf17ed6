// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// What a model says of itself that the library does not tell.
struct SentencePieceFacts
{
    bool isUnigram = true; ///< not BPE, words or characters
    std::vector<std::uint32_t> userDefined; ///< ids of pieces that win over all others
};

/// Looks at what the library takes on trust in a SentencePiece model (a protobuf message): texts
/// that are no texts, scores that are no numbers, and tables of rules that lead out of themselves.
/// Throws Error with `where` (the file) and the place.
SentencePieceFacts checkSentencePiece(std::string_view model, const std::string& where);

} // namespace tw
