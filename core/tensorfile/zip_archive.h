// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tw {

/// One file of a zip archive.
struct ZipEntry
{
    std::string name; ///< with '/' between folders, never leading out of the archive
    bool isDeflated = false; ///< else its bytes stand in the archive as they are
    std::uint32_t crc = 0; ///< CRC-32 of the unpacked bytes
    std::uint64_t offset = 0; ///< of its first byte, counted from the start of the archive
    std::uint64_t packed = 0; ///< bytes in the archive
    std::uint64_t bytes = 0; ///< unpacked
};

/// The list of files of a zip archive (PKWARE's APPNOTE 6.3, with ZIP64) whose bytes stay where
/// they are. PyTorch and NumPy write such archives.
class ZipArchive
{
public:
    /// Checks the whole directory against `file`, which has to stay. Refuses by name what is cut
    /// short, appears twice, overlaps, leads out of a folder, is encrypted, or unpacks to more
    /// than the file and 32 MiB. Throws Error with `where`.
    ZipArchive(std::span<const std::byte> file, std::string where);
    ZipArchive(ZipArchive&&) noexcept = default;
    ZipArchive& operator=(ZipArchive&&) noexcept = default;

    const std::vector<ZipEntry>& entries() const { return m_entries; }
    const ZipEntry* find(std::string_view name) const; ///< nullptr where there is none
    const std::string& where() const { return m_where; }
    std::uint64_t fileBytes() const { return m_file.size(); }

    /// Its bytes as the archive holds them.
    std::span<const std::byte> packedBytes(const ZipEntry& entry) const;
    /// Unpacks the first to.size() bytes of entry; where that is all of them, checks the CRC as
    /// well. to.size() <= entry.bytes.
    void unpack(const ZipEntry& entry, std::span<std::byte> to) const;
    /// The whole entry, checked: a view of the archive, or of `memory` where it had to be unpacked.
    std::span<const std::byte> whole(const ZipEntry& entry, std::vector<std::byte>& memory) const;
    /// Throws where actual is not the CRC that the directory gives for entry.
    void checkCrc(const ZipEntry& entry, std::uint32_t actual) const;

private:
    [[noreturn]] void fail(const ZipEntry& entry, const std::string& what, const char* hint) const;

    std::span<const std::byte> m_file;
    std::string m_where;
    std::vector<ZipEntry> m_entries; ///< in the order of the directory
    std::unordered_map<std::string_view, std::size_t> m_index; ///< looks into m_entries
};

/// True where the bytes begin as a zip archive does.
bool looksLikeZip(std::span<const std::byte> file);

} // namespace tw
