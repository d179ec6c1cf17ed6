// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/tensor_info.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tw {

/// A file (or a set of shards) that holds named tensors, memory-mapped; nothing is read before it
/// is asked for. Reading is thread-safe.
class TensorFile
{
public:
    virtual ~TensorFile() = default;

    virtual const std::vector<TensorInfo>& tensors() const = 0;
    /// Free texts of the header: safetensors' __metadata__; GGUF's scalar keys.
    virtual const std::map<std::string, std::string>& metadata() const = 0;
    /// The tensor as stored (integers, F16, BF16, F32, F64); quantised ones come dequantised to
    /// float32. Owns its memory or keeps the mapping alive; never writable through to the file.
    /// Throws Error.
    virtual at::Tensor read(const std::string& name) const = 0;

    /// The tensor called name, or nullptr.
    virtual const TensorInfo* find(const std::string& name) const = 0;
    at::Tensor readFloat(const std::string& name) const; ///< read() as float32
};

/// safetensors, model.safetensors.index.json, GGUF, or a folder that holds one of them; chosen by
/// content, not by name. Every length and offset is checked against the file before anything is
/// allocated. Throws Error that names file, place, reason and next step.
std::shared_ptr<const TensorFile> openTensorFile(const std::filesystem::path& path);

using NamedTensorList = std::vector<std::pair<std::string, at::Tensor>>;
/// Writes safetensors atomically: names sorted by dtype size then name as the reference writer
/// does, header padded to 8.
void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensorList& tensors,
                      const std::map<std::string, std::string>& metadata);

} // namespace tw
