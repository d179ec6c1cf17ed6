// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace tw {

/// A file mapped read-only into memory; bytes() stays valid as long as the object lives.
/// Thread-safe to read.
class MappedFile
{
public:
    /// Throws Error where the file cannot be opened, is a folder or is empty.
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return m_bytes; }
    const std::filesystem::path& path() const { return m_path; }

    /// Bytes [offset, offset + count) mapped a second time, copy-on-write: nothing is read or
    /// copied until it is touched, and writing changes this view only, never the file nor another
    /// view. Outlives this object. The range has to lie within bytes() and count > 0.
    std::shared_ptr<std::byte> privateView(std::size_t offset, std::size_t count) const;

private:
    struct Descriptor
    {
        int fd = -1;
        ~Descriptor();
    };

    std::filesystem::path m_path;
    Descriptor m_file;
    std::span<const std::byte> m_bytes;
};

} // namespace tw
