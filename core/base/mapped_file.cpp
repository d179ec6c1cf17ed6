// SPDX-License-Identifier: Apache-2.0
#include "core/base/mapped_file.h"

#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tw {
namespace {

[[noreturn]] void failToMap(const std::filesystem::path& path)
{
    throw Error("Cannot map " + path.string() + " into memory: " + std::strerror(errno) + ".",
                "Close other programs, or raise the limit on address space (ulimit -v).");
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path)
    : m_path(path)
    , m_file {::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)}
{
    if (m_file.fd < 0)
        throw Error("Cannot open " + path.string() + ": " + std::strerror(errno) + ".",
                    "Check the path and the permissions.");
    struct stat status
    {
    };
    if (::fstat(m_file.fd, &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(path.string() + " is not a file.", "Name a file, not a folder.");
    if (status.st_size == 0)
        throw Error(path.string() + " is empty (0 bytes).", "Download or copy it again.");
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, m_file.fd, 0);
    if (start == MAP_FAILED)
        failToMap(path);
    m_bytes = {static_cast<const std::byte*>(start), size};
}

MappedFile::Descriptor::~Descriptor()
{
    if (fd >= 0)
        ::close(fd);
}

MappedFile::~MappedFile()
{
    ::munmap(const_cast<std::byte*>(m_bytes.data()),
             m_bytes.size()); // munmap takes void* for history's sake
}

std::shared_ptr<std::byte> MappedFile::privateView(std::size_t offset, std::size_t count) const
{
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t lead = offset % page;
    const std::size_t size = lead + count;
    // NORESERVE: a view larger than the memory is fine as long as it is not all written to.
    void* const start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                               m_file.fd, static_cast<off_t>(offset - lead));
    if (start == MAP_FAILED)
        failToMap(m_path);
    return {static_cast<std::byte*>(start) + lead,
            [start, size](std::byte*) { ::munmap(start, size); }};
}

} // namespace tw
