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

struct Descriptor
{
    int fd = -1;
    explicit Descriptor(const std::filesystem::path& path)
        : fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC))
    {
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (fd >= 0)
            ::close(fd);
    }
};

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path)
    : m_path(path)
{
    const Descriptor file(path);
    if (file.fd < 0)
        throw Error("Cannot open " + path.string() + ": " + std::strerror(errno) + ".",
                    "Check the path and the permissions.");
    struct stat status
    {
    };
    if (::fstat(file.fd, &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(path.string() + " is not a file.", "Name a file, not a folder.");
    if (status.st_size == 0)
        throw Error(path.string() + " is empty (0 bytes).", "Download or copy it again.");
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (start == MAP_FAILED)
        throw Error("Cannot map " + path.string() + " into memory: " + std::strerror(errno) + ".");
    m_bytes = {static_cast<const std::byte*>(start), size};
}

MappedFile::~MappedFile()
{
    ::munmap(const_cast<std::byte*>(m_bytes.data()),
             m_bytes.size()); // munmap takes void* for history's sake
}

} // namespace tw
