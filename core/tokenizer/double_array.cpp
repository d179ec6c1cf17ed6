// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/double_array.h"

#include "core/base/text.h"

namespace tw {

std::uint32_t unitAt(std::string_view units, std::size_t index)
{
    std::uint32_t unit = 0;
    for (std::size_t i = 4; i-- > 0;)
        unit = unit << 8U | static_cast<unsigned char>(units[4 * index + i]);
    return unit;
}

std::optional<Charsmap> charsmapOf(std::string_view bytes)
{
    if (bytes.size() < 4)
        return std::nullopt;
    const std::size_t trie = unitAt(bytes, 0);
    if (trie % 4 != 0 || trie > bytes.size() - 4)
        return std::nullopt;
    return Charsmap {bytes.substr(4, trie), bytes.substr(4 + trie)};
}

std::optional<std::string> charsmapProblem(std::string_view bytes)
{
    const auto map = charsmapOf(bytes);
    if (!map)
        return "says that its trie is longer than it is";
    if (!isUtf8(map->texts))
        return "holds texts that are not UTF-8";
    if (map->texts.empty() || map->texts.back() != '\0')
        return "ends in the middle of a text";
    const std::size_t count = map->units.size() / 4;
    if (count == 0)
        return "holds no trie";
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t unit = unitAt(map->units, i);
        if (isLeaf(unit) && i != 0) // a walk begins at the first unit, whatever it is
            continue;
        // A walk goes from here to any of the 256 units around the offset, as the text has it.
        const std::size_t next = i ^ offsetOf(unit);
        if ((next | 0xFFU) >= count)
            return "holds a trie that leads out of itself";
        if (hasLeaf(unit) && valueOf(unitAt(map->units, next)) >= map->texts.size())
            return "leads to a text that is not there";
    }
    return std::nullopt;
}

} // namespace tw
