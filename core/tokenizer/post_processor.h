// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace tw {

/// What a model sees: texts in order, and the special tokens around them.
struct Frame
{
    struct Part
    {
        int text = -1; ///< 0: the first text, 1: the second one; -1: a special token
        std::int64_t id = 0; ///< of a special token
        std::int64_t typeId = 0; ///< "token_type_ids" of all its tokens

        bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts;

    bool operator==(const Frame&) const = default;
};

/// The frames of one text and of two; without special tokens, those are left out of them.
struct PostProcessor
{
    Frame single {{{0, 0, 0}}};
    Frame pair {{{0, 0, 0}, {1, 0, 1}}};
};

/// Special tokens before and behind one text, and around two texts one after the other.
PostProcessor framedBy(const std::vector<std::int64_t>& before,
                       const std::vector<std::int64_t>& behind);

} // namespace tw
