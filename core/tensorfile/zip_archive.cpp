// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/zip_archive.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/zip_directory.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace tw {
namespace {

constexpr const char* kDamaged = "The file is damaged or not complete: download or copy it again.";
constexpr const char* kNotOurs =
    "The file was made by hand or for harm; ask for it as safetensors.";

// What an entry may unpack to beyond the size of its archive: memory for hostile files stays small.
constexpr std::uint64_t kUnpackedAllowance = 32U << 20U;
constexpr std::uint64_t kMostGrowth = 64; // of all entries together: disks are large, not endless

/// False for names that would leave the folder into which somebody unpacks the archive.
bool staysInside(std::string_view name)
{
    if (name.empty() || name.front() == '/' || name.find('\0') != std::string_view::npos
        || name.find('\\') != std::string_view::npos)
        return false;
    const auto parts = split(name, '/');
    return std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part == ".."; });
}

uInt pieceOf(std::size_t bytes) // zlib counts in 32 bits
{
    return static_cast<uInt>(std::min<std::size_t>(bytes, 1U << 30U));
}

/// zlib's inflate for raw deflate, closed whatever happens.
class Inflater
{
public:
    Inflater() { m_isOpen = inflateInit2(&m_stream, -MAX_WBITS) == Z_OK; }
    ~Inflater()
    {
        if (m_isOpen)
            inflateEnd(&m_stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// True where `to` was filled; and, if it is all there is, where the packed data end with it.
    bool run(std::span<const std::byte> from, std::span<std::byte> to, bool isAll)
    {
        if (!m_isOpen)
            return false;
        // zlib never writes through next_in; its type only predates const.
        m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.data()));
        std::size_t taken = 0;
        std::size_t made = 0;
        std::byte behind {}; // room for one byte too many, so that a longer stream is noticed
        int state = Z_OK;
        while (state == Z_OK && (made < to.size() || isAll)) {
            const bool isFull = made == to.size();
            m_stream.next_out = reinterpret_cast<Bytef*>(isFull ? &behind : to.data() + made);
            m_stream.avail_out = isFull ? 1U : pieceOf(to.size() - made);
            m_stream.avail_in = pieceOf(from.size() - taken);
            const uInt in = m_stream.avail_in;
            const uInt out = m_stream.avail_out;
            state = inflate(&m_stream, Z_NO_FLUSH);
            taken += in - m_stream.avail_in;
            if (isFull && m_stream.avail_out == 0)
                return false;
            made += isFull ? 0 : out - m_stream.avail_out;
        }
        return made == to.size() && (!isAll || (state == Z_STREAM_END && taken == from.size()));
    }

private:
    z_stream m_stream {};
    bool m_isOpen = false;
};

std::uint32_t crcOf(std::span<const std::byte> bytes)
{
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

} // namespace

ZipArchive::ZipArchive(std::span<const std::byte> file, std::string where)
    : m_file(file)
    , m_where(std::move(where))
    , m_entries(readZipDirectory(file, m_where))
{
    std::uint64_t unpacked = 0;
    m_index.reserve(m_entries.size());
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const ZipEntry& entry = m_entries[i];
        if (!staysInside(entry.name))
            fail(entry, "has a name that leads out of its folder", kNotOurs);
        if (!m_index.emplace(entry.name, i).second)
            fail(entry, "is there twice", kNotOurs);
        if (!entry.isDeflated)
            continue;
        unpacked += std::min(entry.bytes, file.size() + kUnpackedAllowance + 1);
        if (entry.bytes > file.size() + kUnpackedAllowance
            || unpacked / kMostGrowth > file.size() + kUnpackedAllowance)
            fail(entry,
                 "unpacks to " + bytesInWords(entry.bytes) + ", and the whole archive has only "
                     + bytesInWords(file.size()) + ": this may be a zip bomb",
                 "Where the file is yours, save it without compression (numpy.savez, torch.save).");
    }
}

const ZipEntry* ZipArchive::find(std::string_view name) const
{
    const auto it = m_index.find(name);
    return it == m_index.end() ? nullptr : &m_entries[it->second];
}

std::span<const std::byte> ZipArchive::packedBytes(const ZipEntry& entry) const
{
    return m_file.subspan(entry.offset, entry.packed);
}

void ZipArchive::unpack(const ZipEntry& entry, std::span<std::byte> to) const
{
    const auto packed = packedBytes(entry);
    const bool isAll = to.size() == entry.bytes;
    if (!entry.isDeflated && !to.empty())
        std::memcpy(to.data(), packed.data(), to.size());
    if (entry.isDeflated && !Inflater().run(packed, to, isAll))
        fail(entry,
             "cannot be unpacked to the " + std::to_string(entry.bytes)
                 + " bytes that the archive's directory promises",
             kDamaged);
    if (isAll)
        checkCrc(entry, crcOf(to));
}

std::span<const std::byte> ZipArchive::whole(const ZipEntry& entry,
                                             std::vector<std::byte>& memory) const
{
    if (!entry.isDeflated) {
        checkCrc(entry, crcOf(packedBytes(entry)));
        return packedBytes(entry);
    }
    memory.resize(entry.bytes);
    unpack(entry, memory);
    return memory;
}

void ZipArchive::checkCrc(const ZipEntry& entry, std::uint32_t actual) const
{
    if (actual != entry.crc)
        fail(entry, "does not have the checksum (CRC-32) that the archive's directory gives",
             kDamaged);
}

void ZipArchive::fail(const ZipEntry& entry, const std::string& what, const char* hint) const
{
    throw Error(m_where + ": the entry \"" + repairedUtf8(entry.name.substr(0, 200)) + "\" " + what
                    + ".",
                hint);
}

} // namespace tw
