// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/tensor_info.h"
#include "core/tensorfile/zip_archive.h"

#include <map>

namespace tw {

/// A tensor of a PyTorch checkpoint: a view of the numbers in one entry of its archive.
struct TorchArchiveTensor
{
    TensorInfo info; ///< bytes: of its values; offset: of the first one, where the entry is stored
    std::size_t entry = 0; ///< which entry of the archive; any where the tensor is empty
    std::uint64_t begin = 0; ///< first byte of the view in the unpacked entry
    std::uint64_t span = 0; ///< bytes from there to the end of its last value
    std::vector<std::int64_t> strides; ///< in elements
    bool isConjugate = false;
    bool isNegative = false;
};

/// What torch.save writes since PyTorch 1.6: a zip archive with one pickle, which describes the
/// tensors, and one entry for each storage.
class TorchArchive
{
public:
    /// Reads the description and checks every tensor against its storage; no storage is read.
    /// Throws Error with the file, the place, the reason and the next step.
    explicit TorchArchive(ZipArchive archive);

    const ZipArchive& zip() const { return m_archive; }
    const std::vector<TorchArchiveTensor>& tensors() const { return m_tensors; }
    /// Numbers and texts beside the tensors ("epoch", "optimizer.param_groups.0.lr").
    const std::map<std::string, std::string>& metadata() const { return m_metadata; }

private:
    ZipArchive m_archive;
    std::vector<TorchArchiveTensor> m_tensors;
    std::map<std::string, std::string> m_metadata;
};

/// The entry "FOLDER/data.pkl" that such an archive has, whatever its one folder is called; nullptr
/// where there is none.
const ZipEntry* torchPickle(const ZipArchive& archive);

} // namespace tw
