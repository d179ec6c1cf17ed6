// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer.h"

namespace tw {

Encoding
Tokenizer::encodePair(std::string_view first, std::string_view second, bool addSpecial) const
{
    Encoding both = encode(first, addSpecial);
    both.typeIds.assign(both.ids.size(), 0);
    const Encoding other = encode(second, addSpecial);
    both.ids.insert(both.ids.end(), other.ids.begin(), other.ids.end());
    both.spans.insert(both.spans.end(), other.spans.begin(), other.spans.end());
    both.typeIds.resize(both.ids.size(), 1);
    return both;
}

} // namespace tw
