// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/core/tensorfile/build_file.h"

#include <optional>
#include <vector>
#include <zlib.h>

// Zip archives built by hand, so that every field can be wrong.

struct ZipPart
{
    std::string name;
    std::string bytes;
    bool isDeflated = false;
    // What the directory says, where it lies:
    std::optional<std::uint32_t> crc {};
    std::optional<std::uint64_t> size {};
    std::optional<std::uint64_t> header {};
    std::string localName {}; ///< name in front of the bytes, where it is another one
    std::uint64_t flags = 0;
    std::optional<std::uint64_t> method {};
};

/// Raw deflate, as zip has it.
inline std::string deflated(const std::string& bytes)
{
    std::string out(compressBound(bytes.size()) + 64, '\0');
    z_stream stream {};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    std::string in = bytes;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

inline std::string zipped(const std::vector<ZipPart>& parts)
{
    std::string file;
    std::string directory;
    for (const ZipPart& part : parts) {
        const std::string packed = part.isDeflated ? deflated(part.bytes) : part.bytes;
        const auto crc = static_cast<std::uint32_t>(
            crc32_z(0, reinterpret_cast<const Bytef*>(part.bytes.data()), part.bytes.size()));
        const std::string common = littleEndian(part.flags, 2)
            + littleEndian(part.method.value_or(part.isDeflated ? 8 : 0), 2) + littleEndian(0, 4)
            + littleEndian(part.crc.value_or(crc), 4);
        const std::uint64_t begin = file.size();
        const std::string& local = part.localName.empty() ? part.name : part.localName;
        file += "PK\x03\x04" + littleEndian(20, 2) + common + littleEndian(packed.size(), 4)
            + littleEndian(part.bytes.size(), 4) + littleEndian(local.size(), 2)
            + littleEndian(0, 2) + local + packed;
        const std::uint64_t packedSize = part.size && !part.isDeflated ? *part.size : packed.size();
        directory += "PK\x01\x02" + littleEndian(20, 2) + littleEndian(20, 2) + common
            + littleEndian(packedSize, 4) + littleEndian(part.size.value_or(part.bytes.size()), 4)
            + littleEndian(part.name.size(), 2) + littleEndian(0, 12)
            + littleEndian(part.header.value_or(begin), 4) + part.name;
    }
    const std::size_t begin = file.size();
    return file + directory + "PK\x05\x06" + littleEndian(0, 4) + littleEndian(parts.size(), 2)
        + littleEndian(parts.size(), 2) + littleEndian(directory.size(), 4) + littleEndian(begin, 4)
        + littleEndian(0, 2);
}
