// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensorfile/indexed_file.h"
#include "core/tensorfile/zip_archive.h"

#include <atomic>

namespace tw {

/// The unpacked bytes of an archive's entries as tensors, read when they are asked for. An entry is
/// compared with its CRC once, when it is first read. Thread-safe.
class ArchiveBytes
{
public:
    ArchiveBytes(const TensorBytes& source, const ZipArchive& archive);

    /// `count` bytes from `begin` on of the entry with that index, as U8 [count]: a copy-on-write
    /// view of the file, or a copy. Throws Error where the entry is damaged.
    at::Tensor read(std::size_t entry, std::uint64_t begin, std::uint64_t count) const;

private:
    void check(std::size_t entry) const;

    TensorBytes m_source;
    const ZipArchive& m_archive;
    mutable std::vector<std::atomic<bool>> m_isChecked; ///< of each entry
};

/// A view of `bytes` (U8, contiguous) as numbers of another type; the bytes are copied where they
/// do not begin at a multiple of its size, and a bool that is neither 0 nor 1 becomes 1.
at::Tensor viewedAs(const at::Tensor& bytes, at::ScalarType type);

} // namespace tw
