// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
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

private:
    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
};

} // namespace tw
