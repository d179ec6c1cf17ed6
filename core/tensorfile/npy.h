// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tw {

/// What stands in front of the numbers of a .npy file.
struct NpyHeader
{
    std::string dtype; ///< as safetensors spells it
    std::vector<std::int64_t> shape;
    bool isFortran = false; ///< the first index runs fastest
    bool isBigEndian = false;
    std::uint64_t begin = 0; ///< of the numbers, in bytes from the start
    std::uint64_t bytes = 0; ///< of the numbers
};

/// How many bytes from the start hold any header that is read.
constexpr std::uint64_t kNpyHeaderBytes = 70'000;

/// Reads the header of a .npy file (NumPy's format, versions 1 to 3) of fileBytes, of which `start`
/// holds all or at least the first kNpyHeaderBytes. Arrays of Python objects, of texts and of
/// records are refused by name. Throws Error with `where`, the reason and the next step.
NpyHeader
readNpyHeader(std::span<const std::byte> start, std::uint64_t fileBytes, const std::string& where);

/// True where the bytes begin as a .npy file does.
bool looksLikeNpy(std::span<const std::byte> file);

} // namespace tw
