// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tw {

/// One tensor of a file, before it is read.
struct TensorInfo
{
    std::string name;
    std::string dtype; ///< "F32", "BF16", "Q4_1" ...: as the file's format spells it
    std::vector<std::int64_t> shape; ///< outermost first, as PyTorch counts
    std::uint64_t bytes = 0; ///< as stored
    std::uint64_t offset = 0; ///< of its first byte, counted from the start of its file

    bool operator==(const TensorInfo&) const = default;
};

} // namespace tw
