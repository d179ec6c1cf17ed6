// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace tw {

/// Writes a file that is there whole or not at all: to a temporary name in the same folder, fsync,
/// rename, fsync of the folder. Without commit() the destructor removes the temporary file and the
/// old file stays as it was. A link stays one: the file behind it is replaced. What is no file
/// (a device, a pipe), and /dev/stdout, is written to as it is.
class AtomicFile
{
public:
    explicit AtomicFile(const std::filesystem::path& path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Throws Error where the disk is full or the folder not writable.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text);
    void commit();

private:
    [[noreturn]] void fail(const char* what) const;

    std::filesystem::path m_path;
    std::filesystem::path m_temporary; ///< empty where m_path is written to as it is
    int m_fd = -1;
};

/// AtomicFile in one call.
void writeFile(const std::filesystem::path& path, std::string_view text);
/// Makes a rename or a new file in folder survive a power cut.
void syncFolder(const std::filesystem::path& folder);

/// Throws Error where something is at path already, unless it is an empty folder.
void requireFreeFolder(const std::filesystem::path& path);
/// Fills a folder under a temporary name and puts it in place whole: fill(temporaryFolder) writes
/// the files, they are fsynced, and one rename makes them visible as `folder`. An existing `folder`
/// is replaced.
template <typename Fill>
void writeFolder(const std::filesystem::path& folder, Fill fill);

namespace detail {
std::filesystem::path beginFolder(const std::filesystem::path& folder);
void commitFolder(const std::filesystem::path& temporary, const std::filesystem::path& folder);
void dropFolder(const std::filesystem::path& temporary) noexcept;
} // namespace detail

template <typename Fill>
void writeFolder(const std::filesystem::path& folder, Fill fill)
{
    const std::filesystem::path temporary = detail::beginFolder(folder);
    try {
        fill(temporary);
        detail::commitFolder(temporary, folder);
    } catch (...) {
        detail::dropFolder(temporary);
        throw;
    }
}

} // namespace tw
