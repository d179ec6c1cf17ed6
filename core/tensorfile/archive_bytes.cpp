// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/archive_bytes.h"

#include "core/base/error.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <zlib.h>

namespace tw {
namespace {

/// zlib's CRC runs at about 1 GB/s a core, less than disks deliver: so on all cores, in pieces.
std::uint32_t crcOnAllCores(std::span<const std::byte> bytes)
{
    constexpr std::int64_t kPiece = 4 << 20; // some milliseconds each
    const auto size = static_cast<std::int64_t>(bytes.size());
    const std::int64_t pieces = (size + kPiece - 1) / kPiece;
    std::vector<uLong> crcs(static_cast<std::size_t>(pieces));
    const auto lengthOf = [&](std::int64_t i) { return std::min(kPiece, size - i * kPiece); };
    at::parallel_for(0, pieces, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            crcs[static_cast<std::size_t>(i)] =
                crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data() + i * kPiece),
                        static_cast<z_size_t>(lengthOf(i)));
    });
    uLong all = crc32_z(0, nullptr, 0);
    for (std::int64_t i = 0; i < pieces; ++i)
        all = crc32_combine(all, crcs[static_cast<std::size_t>(i)], lengthOf(i));
    return static_cast<std::uint32_t>(all);
}

} // namespace

ArchiveBytes::ArchiveBytes(const TensorBytes& source, const ZipArchive& archive)
    : m_source(source)
    , m_archive(archive)
    , m_isChecked(archive.entries().size())
{
}

void ArchiveBytes::check(std::size_t entry) const
{
    if (m_isChecked[entry])
        return;
    const ZipEntry& checked = m_archive.entries()[entry];
    m_archive.checkCrc(checked, crcOnAllCores(m_archive.packedBytes(checked)));
    m_isChecked[entry] = true;
}

at::Tensor ArchiveBytes::read(std::size_t entry, std::uint64_t begin, std::uint64_t count) const
{
    const ZipEntry& source = m_archive.entries()[entry];
    TensorInfo info;
    info.shape = {static_cast<std::int64_t>(count)};
    info.bytes = count;
    if (!source.isDeflated) {
        check(entry);
        info.offset = source.offset + begin;
        return plainTensor(m_source, info, at::kByte);
    }
    const at::Tensor whole = at::empty({static_cast<std::int64_t>(source.bytes)}, at::kByte);
    m_archive.unpack(source, {static_cast<std::byte*>(whole.mutable_data_ptr()), source.bytes});
    return whole.narrow(0, static_cast<std::int64_t>(begin), static_cast<std::int64_t>(count));
}

at::Tensor viewedAs(const at::Tensor& bytes, at::ScalarType type)
{
    if (type == at::kBool)
        return bytes.ne(0);
    const auto address = reinterpret_cast<std::uintptr_t>(bytes.const_data_ptr());
    const bool isAligned = address % c10::elementSize(type) == 0
        && static_cast<std::size_t>(bytes.storage_offset()) % c10::elementSize(type) == 0;
    return (isAligned ? bytes : bytes.clone()).view(type);
}

} // namespace tw
