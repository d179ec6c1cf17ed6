// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/tensor_info.h"

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// What stands in front of the tensors of a safetensors file.
struct SafetensorsHeader
{
    std::vector<TensorInfo> tensors; ///< in the order of their bytes
    std::map<std::string, std::string> metadata;
};

/// Bytes of one element of a safetensors dtype ("F32", "BF16" ...), 0 where we do not know it.
std::uint64_t safetensorsElementBytes(std::string_view dtype);
/// Where dtype stands in the reference's list, by which its writer sorts.
std::size_t safetensorsRank(std::string_view dtype);

/// Reads and checks the header of a whole file: 8 bytes of length, JSON, then the tensors, which
/// have to cover the rest without hole, overlap or remainder, as the reference implementation
/// demands. `where` names the file in the Error that is thrown otherwise.
SafetensorsHeader readSafetensorsHeader(std::span<const std::byte> file, const std::string& where);

/// The file of each tensor as an index (model.safetensors.index.json) says it, in its order. Names
/// that would leave the index's folder are refused.
std::vector<std::pair<std::string, std::string>> readShardIndex(std::string_view json,
                                                                const std::string& where);

} // namespace tw
