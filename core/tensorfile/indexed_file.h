// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/mapped_file.h"
#include "core/tensorfile/tensor_file.h"
#include "core/tensorfile/zip_archive.h"

#include <c10/core/ScalarType.h>

#include <span>
#include <string_view>
#include <unordered_map>

namespace tw {

/// What all formats share: the list of tensors with a fast way to find one by name.
class IndexedTensorFile : public TensorFile
{
public:
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    const std::map<std::string, std::string>& metadata() const override { return m_metadata; }
    const TensorInfo* find(const std::string& name) const override;

protected:
    IndexedTensorFile(std::string where,
                      std::vector<TensorInfo> tensors,
                      std::map<std::string, std::string> metadata);
    /// Throws Error where there is no such tensor.
    const TensorInfo& get(const std::string& name) const;
    const std::string& where() const { return m_where; }

private:
    std::string m_where;
    std::vector<TensorInfo> m_tensors;
    std::map<std::string, std::string> m_metadata;
    std::unordered_map<std::string_view, std::size_t> m_index; ///< looks into m_tensors
};

/// Bytes of tensors: those of a mapped file, or just bytes in memory.
struct TensorBytes
{
    std::shared_ptr<const MappedFile> file; ///< may be empty
    std::span<const std::byte> bytes;
};

/// The tensor's bytes as they are: a copy-on-write view of the file where it is large and aligned,
/// else a copy.
at::Tensor plainTensor(const TensorBytes& source, const TensorInfo& info, at::ScalarType type);

// One function per format; `bytes` may be a whole file in memory (then nothing of it is kept).
std::shared_ptr<const TensorFile> openSafetensors(const TensorBytes& source,
                                                  const std::string& where);
std::shared_ptr<const TensorFile> openGguf(const TensorBytes& source, const std::string& where);
std::shared_ptr<const TensorFile> openNpy(const TensorBytes& source, const std::string& where);
std::shared_ptr<const TensorFile> openNpz(const TensorBytes& source, ZipArchive archive);
std::shared_ptr<const TensorFile> openTorchArchive(const TensorBytes& source, ZipArchive archive);
std::shared_ptr<const TensorFile> openShards(const std::filesystem::path& index);
/// One file that an index names: of any format but an index, which might name itself.
std::shared_ptr<const TensorFile> openShard(const std::filesystem::path& path);

/// True where a zip archive holds arrays of NumPy.
bool holdsNpy(const ZipArchive& archive);

} // namespace tw
