// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tw {

/// A charsmap as SentencePiece stores it: 4 bytes with the size of a trie, the trie, and texts that
/// each end with a zero byte. The trie is a double array as darts-clone writes it: 32-bit
/// little-endian units; a key leads to the place of its text.
struct Charsmap
{
    std::string_view units;
    std::string_view texts;
};

/// The parts of a charsmap; nothing where it says more than it has.
std::optional<Charsmap> charsmapOf(std::string_view bytes);
/// What a charsmap has that would lead a reader astray who trusts it; nothing where it is good.
std::optional<std::string> charsmapProblem(std::string_view bytes);

/// Unit `index` of a double array.
std::uint32_t unitAt(std::string_view units, std::size_t index);

// The parts of a unit.
inline bool isLeaf(std::uint32_t unit)
{
    return unit >> 31U != 0;
}
inline bool hasLeaf(std::uint32_t unit)
{
    return (unit >> 8U & 1U) != 0;
}
inline std::uint32_t labelOf(std::uint32_t unit)
{
    return unit & (1U << 31U | 0xFFU);
}
inline std::uint32_t offsetOf(std::uint32_t unit)
{
    return (unit >> 10U) << ((unit & 1U << 9U) >> 6U);
}
inline std::uint32_t valueOf(std::uint32_t unit)
{
    return unit & ((1U << 31U) - 1U);
}

} // namespace tw
