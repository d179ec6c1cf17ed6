// SPDX-License-Identifier: Apache-2.0
// A zip archive ends with a record that says where the central directory lies; where a number does
// not fit into 16 or 32 bits it is all ones there and stands in a second record (ZIP64), for one
// file in the extra field 1 of its entry. Numbers are little-endian. APPNOTE 6.3, section 4.
#include "core/tensorfile/zip_directory.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstring>

namespace tw {
namespace {

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kPackAgain = "Save the file again with a current torch.save or numpy.savez.";

constexpr std::uint32_t kLocalMark = 0x04034B50;
constexpr std::uint32_t kEntryMark = 0x02014B50;
constexpr std::uint32_t kEndMark = 0x06054B50;
constexpr std::uint32_t kEnd64Mark = 0x06064B50;
constexpr std::uint32_t kLocator64Mark = 0x07064B50;

// Lengths of the fixed parts, without names, extra fields and comments.
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kEntryBytes = 46;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kLocator64Bytes = 20;
constexpr std::uint64_t kMaxComment = 65'535;
constexpr std::uint32_t kSee64 = 0xFFFFFFFF;

class DirectoryReader
{
public:
    DirectoryReader(std::span<const std::byte> file, const std::string& where)
        : m_file(file)
        , m_where(where)
    {
    }

    std::vector<ZipEntry> read()
    {
        findDirectory();
        std::vector<ZipEntry> entries;
        std::uint64_t at = m_begin;
        for (std::uint64_t i = 0; i < m_count; ++i)
            at = readEntry(at, entries.emplace_back());
        if (at != m_end)
            fail("its directory is " + std::to_string(m_end - m_begin) + " bytes long, its "
                 + std::to_string(m_count) + " entries need " + std::to_string(at - m_begin));
        checkOverlaps(entries);
        return entries;
    }

private:
    [[noreturn]] void fail(const std::string& what, const char* hint = kDamaged) const
    {
        throw Error(m_where + ": " + what + ".", hint);
    }
    [[noreturn]] void fail(const ZipEntry& entry, const std::string& what, const char* hint) const
    {
        fail("the entry \"" + repairedUtf8(entry.name.substr(0, 200)) + "\" " + what, hint);
    }

    template <typename T>
    T number(std::uint64_t at) const // the caller has checked that it is there
    {
        T value {};
        std::memcpy(&value, m_file.data() + at, sizeof value);
        return value;
    }
    bool holds(std::uint64_t at, std::uint64_t count) const
    {
        return at <= m_file.size() && count <= m_file.size() - at;
    }

    void findDirectory()
    {
        const std::uint64_t size = m_file.size();
        const std::uint64_t reach = std::min(size, kEndBytes + kMaxComment);
        for (std::uint64_t back = kEndBytes; back <= reach; ++back) {
            const std::uint64_t at = size - back;
            if (number<std::uint32_t>(at) == kEndMark
                && number<std::uint16_t>(at + 20) == back - kEndBytes)
                return readEnd(at);
        }
        fail("the zip archive has no directory at its end");
    }

    void readEnd(std::uint64_t at)
    {
        m_count = number<std::uint16_t>(at + 10);
        std::uint64_t bytes = number<std::uint32_t>(at + 12);
        m_begin = number<std::uint32_t>(at + 16);
        m_end = at;
        bool isSplit =
            number<std::uint16_t>(at + 4) != 0 && number<std::uint16_t>(at + 4) != 0xFFFF;
        if (at >= kLocator64Bytes + kEnd64Bytes
            && number<std::uint32_t>(at - kLocator64Bytes) == kLocator64Mark) {
            const auto end64 = number<std::uint64_t>(at - kLocator64Bytes + 8);
            if (end64 > at - kLocator64Bytes - kEnd64Bytes
                || number<std::uint32_t>(end64) != kEnd64Mark)
                fail("the ZIP64 record of its directory is not where it should be");
            isSplit = number<std::uint32_t>(end64 + 16) != 0;
            m_count = number<std::uint64_t>(end64 + 32);
            bytes = number<std::uint64_t>(end64 + 40);
            m_begin = number<std::uint64_t>(end64 + 48);
            m_end = end64;
        }
        if (isSplit)
            fail("this is one part of a zip archive in several files", "Join the parts first.");
        if (m_begin > m_end || bytes != m_end - m_begin)
            fail("its directory should be " + std::to_string(bytes) + " bytes from byte "
                 + std::to_string(m_begin) + " on, but the archive's end stands at byte "
                 + std::to_string(m_end));
        if (m_count > bytes / kEntryBytes)
            fail("its directory says it has " + std::to_string(m_count) + " entries, more than its "
                 + std::to_string(bytes) + " bytes can hold");
    }

    std::string_view textAt(std::uint64_t at, std::uint64_t count) const
    {
        return {reinterpret_cast<const char*>(m_file.data()) + at, count};
    }

    /// Reads one entry of the directory; returns where the next one begins.
    std::uint64_t readEntry(std::uint64_t at, ZipEntry& entry)
    {
        if (at + kEntryBytes > m_end || number<std::uint32_t>(at) != kEntryMark)
            fail("its directory is broken at byte " + std::to_string(at));
        const std::uint64_t nameBytes = number<std::uint16_t>(at + 28);
        const std::uint64_t extraBytes = number<std::uint16_t>(at + 30);
        const std::uint64_t next =
            at + kEntryBytes + nameBytes + extraBytes + number<std::uint16_t>(at + 32);
        if (next > m_end)
            fail("its directory is broken at byte " + std::to_string(at));
        entry.name = textAt(at + kEntryBytes, nameBytes);
        entry.crc = number<std::uint32_t>(at + 16);
        entry.packed = number<std::uint32_t>(at + 20);
        entry.bytes = number<std::uint32_t>(at + 24);
        entry.offset = number<std::uint32_t>(at + 42);
        readExtra64(at + kEntryBytes + nameBytes, extraBytes, entry);
        const auto flags = number<std::uint16_t>(at + 8);
        if ((flags & 0x41U) != 0)
            fail(entry, "is encrypted", "Unpack it with its password and save it again.");
        const auto method = number<std::uint16_t>(at + 10);
        if (method != 0 && method != 8)
            fail(entry,
                 "is packed by method " + std::to_string(method)
                     + "; only stored and deflated ones are read",
                 kPackAgain);
        entry.isDeflated = method == 8;
        if (!entry.isDeflated && entry.packed != entry.bytes)
            fail(entry,
                 "is stored, but takes " + std::to_string(entry.packed) + " bytes for "
                     + std::to_string(entry.bytes),
                 kDamaged);
        findBytes(entry, method);
        return next;
    }

    /// Numbers that do not fit into 32 bits, in this order and only those.
    void readExtra64(std::uint64_t at, std::uint64_t count, ZipEntry& entry) const
    {
        const std::uint64_t end = at + count;
        while (at + 4 <= end) {
            const auto id = number<std::uint16_t>(at);
            const std::uint64_t size = number<std::uint16_t>(at + 2);
            at += 4;
            if (size > end - at)
                fail(entry, "has an extra field that is cut short", kDamaged);
            std::uint64_t left = size;
            for (std::uint64_t* const field : {&entry.bytes, &entry.packed, &entry.offset})
                if (id == 1 && *field == kSee64 && left >= 8) {
                    *field = number<std::uint64_t>(at + size - left);
                    left -= 8;
                }
            at += size;
        }
    }

    /// From the file's own header, at which the directory points, to its bytes.
    void findBytes(ZipEntry& entry, std::uint16_t method)
    {
        const std::uint64_t header = entry.offset;
        if (header > m_begin || m_begin - header < kLocalBytes
            || number<std::uint32_t>(header) != kLocalMark)
            fail(entry,
                 "is said to begin at byte " + std::to_string(header) + ", where no entry begins",
                 kDamaged);
        const std::uint64_t nameBytes = number<std::uint16_t>(header + 26);
        entry.offset = header + kLocalBytes + nameBytes + number<std::uint16_t>(header + 28);
        if (entry.offset > m_begin || entry.packed > m_begin - entry.offset)
            fail(entry,
                 "needs " + std::to_string(entry.packed) + " bytes from byte "
                     + std::to_string(entry.offset) + " on, and the directory begins at byte "
                     + std::to_string(m_begin),
                 kDamaged);
        if (textAt(header + kLocalBytes, nameBytes) != entry.name
            || number<std::uint16_t>(header + 8) != method)
            fail(entry, "is called or packed otherwise in front of its bytes", kDamaged);
        m_ranges.push_back({header, entry.offset + entry.packed});
    }

    void checkOverlaps(const std::vector<ZipEntry>& entries)
    {
        std::vector<std::size_t> order(entries.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return m_ranges[a] < m_ranges[b]; });
        for (std::size_t i = 1; i < order.size(); ++i)
            if (m_ranges[order[i]].first < m_ranges[order[i - 1]].second)
                fail(entries[order[i]],
                     "overlaps \"" + repairedUtf8(entries[order[i - 1]].name.substr(0, 200)) + "\"",
                     kDamaged);
    }

    std::span<const std::byte> m_file;
    const std::string& m_where;
    std::uint64_t m_count = 0; ///< of entries
    std::uint64_t m_begin = 0; ///< of the directory
    std::uint64_t m_end = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        m_ranges; ///< of each entry with its header
};

} // namespace

std::vector<ZipEntry> readZipDirectory(std::span<const std::byte> file, const std::string& where)
{
    return DirectoryReader(file, where).read();
}

bool looksLikeZip(std::span<const std::byte> file)
{
    return file.size() >= 4
        && (std::memcmp(file.data(), "PK\x03\x04", 4) == 0
            || std::memcmp(file.data(), "PK\x05\x06", 4) == 0);
}

} // namespace tw
