// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace tw {

/// Number of elements of a shape, nothing where it does not fit into a signed 64-bit number or a
/// length is negative. A zero anywhere does not excuse an overflow elsewhere: torch multiplies
/// strides as well.
inline std::optional<std::uint64_t> checkedElements(const std::vector<std::int64_t>& shape)
{
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    std::uint64_t product = 1;
    bool isEmpty = false;
    for (const std::int64_t length : shape) {
        if (length < 0)
            return std::nullopt;
        isEmpty = isEmpty || length == 0;
        const auto factor = static_cast<std::uint64_t>(length == 0 ? 1 : length);
        if (product > kMost / factor)
            return std::nullopt;
        product *= factor;
    }
    return isEmpty ? 0 : product;
}

/// a * b, nothing where it does not fit.
inline std::optional<std::uint64_t> checkedProduct(std::uint64_t a, std::uint64_t b)
{
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b)
        return std::nullopt;
    return a * b;
}

} // namespace tw
