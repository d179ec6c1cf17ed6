// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// What a name in tokenizer.ggml.pre stands for.
struct GgufPattern
{
    std::vector<std::string> patterns; ///< each cuts the pieces that the one before it left
    bool ignoresMerges = false; ///< a piece that is a token as a whole stays whole
    bool addsBos = false; ///< where the file does not say
};

/// Throws Error with `where` (the file) and the known names where name is none of them.
GgufPattern ggufPattern(std::string_view name, const std::string& where);

} // namespace tw
