// SPDX-License-Identifier: Apache-2.0
// NumPy's arrays: one in a .npy file, several in the zip archive .npz.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tensorfile/archive_bytes.h"
#include "core/tensorfile/dtypes.h"
#include "core/tensorfile/npy.h"

#include <ATen/ATen.h>

#include <filesystem>

namespace tw {
namespace {

constexpr std::string_view kExtension = ".npy";

TensorInfo infoOf(std::string name, const NpyHeader& header)
{
    TensorInfo info;
    info.name = std::move(name);
    info.dtype = header.dtype;
    info.shape = header.shape;
    info.bytes = header.bytes;
    info.offset = header.begin;
    return info;
}

/// Numbers of the other byte order, put right. U8 [bytes] in and out.
at::Tensor swapped(const at::Tensor& bytes, const NpyHeader& header)
{
    const auto type = *scalarTypeOf(header.dtype);
    // A complex number is two real ones, each with its own order.
    const auto size =
        static_cast<std::int64_t>(c10::elementSize(type)) / (at::isComplexType(type) ? 2 : 1);
    return bytes.view({-1, size}).flip(1).flatten();
}

/// The array from its bytes, U8 [header.bytes].
at::Tensor arrayOf(const at::Tensor& bytes, const NpyHeader& header)
{
    const at::ScalarType type = *scalarTypeOf(header.dtype);
    if (header.bytes == 0)
        return at::empty(header.shape, type);
    const at::Tensor values = viewedAs(header.isBigEndian ? swapped(bytes, header) : bytes, type);
    if (!header.isFortran)
        return values.view(header.shape);
    const std::vector<std::int64_t> reversed(header.shape.rbegin(), header.shape.rend());
    std::vector<std::int64_t> order(header.shape.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
    return values.view(reversed).permute(order);
}

class NpyFile final : public IndexedTensorFile
{
public:
    NpyFile(const TensorBytes& source,
            const std::string& where,
            const NpyHeader& header,
            const std::string& name)
        : IndexedTensorFile(where, {infoOf(name, header)}, {})
        , m_source(source)
        , m_header(header)
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        TensorInfo bytes = get(name);
        bytes.shape = {static_cast<std::int64_t>(bytes.bytes)};
        return arrayOf(plainTensor(m_source, bytes, at::kByte), m_header);
    }

private:
    TensorBytes m_source;
    NpyHeader m_header;
};

/// An array of an archive: which entry, and what its header says.
struct Member
{
    std::size_t entry = 0;
    NpyHeader header;
};

class NpzFile final : public IndexedTensorFile
{
public:
    NpzFile(const TensorBytes& source,
            const std::string& where,
            ZipArchive archive,
            std::vector<TensorInfo> infos,
            std::vector<Member> members)
        : IndexedTensorFile(where, std::move(infos), {})
        , m_archive(std::move(archive))
        , m_members(std::move(members))
        , m_bytes(source, m_archive)
    {
    }
    at::Tensor read(const std::string& name) const override
    {
        const Member& member = m_members[static_cast<std::size_t>(&get(name) - tensors().data())];
        const NpyHeader& header = member.header;
        if (header.bytes == 0)
            return at::empty(header.shape, *scalarTypeOf(header.dtype));
        return arrayOf(m_bytes.read(member.entry, header.begin, header.bytes), header);
    }

private:
    ZipArchive m_archive;
    std::vector<Member> m_members; ///< in the order of tensors()
    ArchiveBytes m_bytes;
};

NpyHeader headerOf(const ZipArchive& archive, const ZipEntry& entry)
{
    std::vector<std::byte> start(std::min(entry.bytes, kNpyHeaderBytes));
    archive.unpack(entry, start);
    return readNpyHeader(start, entry.bytes, archive.where() + ": \"" + entry.name + "\"");
}

} // namespace

bool holdsNpy(const ZipArchive& archive)
{
    return std::any_of(archive.entries().begin(), archive.entries().end(),
                       [](const ZipEntry& entry) { return entry.name.ends_with(kExtension); });
}

std::shared_ptr<const TensorFile> openNpy(const TensorBytes& source, const std::string& where)
{
    const auto stem = std::filesystem::path(where).stem().string();
    return std::make_shared<NpyFile>(source, where,
                                     readNpyHeader(source.bytes, source.bytes.size(), where),
                                     stem.empty() ? "array" : repairedUtf8(stem));
}

std::shared_ptr<const TensorFile> openNpz(const TensorBytes& source, ZipArchive archive)
{
    const std::string where = archive.where();
    std::vector<TensorInfo> infos;
    std::vector<Member> members;
    for (std::size_t i = 0; i < archive.entries().size(); ++i) {
        const ZipEntry& entry = archive.entries()[i];
        if (!entry.name.ends_with(kExtension) || !isUtf8(entry.name))
            throw Error(where + ": the entry \"" + repairedUtf8(entry.name.substr(0, 200))
                            + "\" is no array of NumPy.",
                        "Save the arrays alone: numpy.savez(file, name=array).");
        NpyHeader header = headerOf(archive, entry);
        infos.push_back(
            infoOf(entry.name.substr(0, entry.name.size() - kExtension.size()), header));
        infos.back().offset = entry.offset + (entry.isDeflated ? 0 : header.begin);
        members.push_back({i, std::move(header)});
    }
    return std::make_shared<NpzFile>(source, where, std::move(archive), std::move(infos),
                                     std::move(members));
}

} // namespace tw
