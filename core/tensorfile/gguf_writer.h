// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/gguf.h"
#include "core/tensorfile/tensor_file.h"

#include <variant>

namespace tw {

// Both variants hold GGUF's types in the order of its numbers (GgufType), so that the index of what
// they hold is the number in the file.

/// A list of one type; lists of lists are not written.
using GgufList = std::variant<std::vector<std::uint8_t>,
                              std::vector<std::int8_t>,
                              std::vector<std::uint16_t>,
                              std::vector<std::int16_t>,
                              std::vector<std::uint32_t>,
                              std::vector<std::int32_t>,
                              std::vector<float>,
                              std::vector<bool>,
                              std::vector<std::string>,
                              std::monostate,
                              std::vector<std::uint64_t>,
                              std::vector<std::int64_t>,
                              std::vector<double>>;
using GgufField = std::variant<std::uint8_t,
                               std::int8_t,
                               std::uint16_t,
                               std::int16_t,
                               std::uint32_t,
                               std::int32_t,
                               float,
                               bool,
                               std::string,
                               GgufList,
                               std::uint64_t,
                               std::int64_t,
                               double>;
using GgufFields = std::vector<std::pair<std::string, GgufField>>;

/// All fields of a GGUF file but lists of lists, to be written again, each in the type that it is
/// stored as. Throws Error.
GgufFields ggufFieldsOf(const std::filesystem::path& file);

/// A tensor and how it is stored: "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q5_0",
/// "Q5_1", or as it is: "F64", "I8" to "I64".
struct GgufTensorToWrite
{
    TensorToWrite tensor;
    std::string dtype;
};

/// Writes a GGUF file (version 3) atomically, one tensor after the other in their order; the bytes
/// are those that gguf-py writes. general.alignment among the fields, a UINT32 power of two, moves
/// the tensors; 32 without it. Throws Error for a name or key that is there twice, for rows that
/// blocks do not fill, for values that are not finite where blocks are written.
void writeGguf(const std::filesystem::path& path,
               const GgufFields& fields,
               const std::vector<GgufTensorToWrite>& tensors);
/// The bytes of a file that holds these fields and no tensors. Throws Error as writeGguf() does.
std::string ggufWithoutTensors(const GgufFields& fields);

} // namespace tw
