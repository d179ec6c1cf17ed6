// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/tensor_info.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
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
    /// Free texts of the header: safetensors' __metadata__; GGUF's scalar keys; numbers and texts
    /// of a PyTorch checkpoint.
    virtual const std::map<std::string, std::string>& metadata() const = 0;
    /// The tensor as stored (integers, F16, BF16, F32, F64); quantised ones come dequantised to
    /// float32. Owns its memory or keeps the mapping alive; never writable through to the file.
    /// Throws Error.
    virtual at::Tensor read(const std::string& name) const = 0;

    /// The tensor called name, or nullptr.
    virtual const TensorInfo* find(const std::string& name) const = 0;
    at::Tensor readFloat(const std::string& name) const; ///< read() as float32
    /// What a person should know about the file although it can be read, in whole sentences.
    virtual std::vector<std::string> remarks() const { return {}; }
};

/// safetensors, GGUF, a PyTorch checkpoint (zip), .npy, .npz, an index of shards, or a folder that
/// holds one of them; chosen by content, not by name. Every length and offset is checked against
/// the file before anything is allocated. Throws Error that names file, place, reason and next
/// step.
std::shared_ptr<const TensorFile> openTensorFile(const std::filesystem::path& path);

using NamedTensorList = std::vector<std::pair<std::string, at::Tensor>>;
/// Writes safetensors atomically: names sorted by dtype size then name as the reference writer
/// does, header padded to 8.
void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensorList& tensors,
                      const std::map<std::string, std::string>& metadata);

/// A tensor to be written: described before it is read, so that only one is in memory at a time.
struct TensorToWrite
{
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<std::int64_t> shape;
    std::function<at::Tensor()> read; ///< gives it in that shape; it is converted to that type

    std::uint64_t bytes() const;
};

/// As writeSafetensors(), reading one tensor after the other.
void streamSafetensors(const std::filesystem::path& path,
                       const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// Writes tensors, in their order, into files of at most maxBytes of values beside `path`
/// (DIR/model.safetensors), and an index for them, as Transformers' save_pretrained does:
/// model-00001-of-00002.safetensors ..., model.safetensors.index.json. A larger tensor gets a file
/// of its own; where one file holds them all, it is `path` itself. Returns the files in their
/// order, the index last.
std::vector<std::filesystem::path>
writeSafetensorsShards(const std::filesystem::path& path,
                       const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       std::uint64_t maxBytes);

} // namespace tw
