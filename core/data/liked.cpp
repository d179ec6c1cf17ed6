// SPDX-License-Identifier: Apache-2.0
#include "core/data/liked.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <cctype>

namespace tw {

bool isLiked(const std::string& label)
{
    std::string word;
    for (const char c : trimmed(label))
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const char* yes : {"true", "1", "yes", "good", "liked", "desirable", "1.0", "+1", "up"}) {
        if (word == yes)
            return true;
    }
    for (const char* no :
         {"false", "0", "no", "bad", "disliked", "undesirable", "0.0", "-1", "down"}) {
        if (word == no)
            return false;
    }
    throw Error(word.empty()
                    ? "It is not said whether the answer is liked."
                    : "The label \"" + label + "\" does not say whether the answer is liked.",
                "Write true or false, 1 or 0, good or bad.");
}

} // namespace tw
