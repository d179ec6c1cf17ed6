// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"

#include "core/base/error.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace tw {
namespace {

namespace fs = std::filesystem;

/// A name of its own for every writer, of another process or another thread.
fs::path temporaryNameFor(const fs::path& path)
{
    static std::atomic<int> writers = 0;
    return path.parent_path()
        / ("." + path.filename().string() + ".tmp-" + std::to_string(::getpid()) + "-"
           + std::to_string(++writers));
}

[[noreturn]] void failAt(const char* what, const fs::path& path)
{
    const int number = errno;
    const char* const hint = number == ENOSPC || number == EDQUOT
        ? "The disk is full: free some space and try again."
        : number == EACCES || number == EPERM || number == EROFS
        ? "Choose a folder that you may write to."
        : "Check the disk and the path.";
    throw Error("Cannot " + std::string(what) + " " + path.string() + ": " + std::strerror(number)
                    + ".",
                hint);
}

void syncPath(const fs::path& path, int flags)
{
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0)
        failAt("open", path);
    const int result = ::fsync(fd);
    ::close(fd);
    // Some network file systems have no fsync for folders; the rename itself is still atomic there.
    if (result != 0 && errno != EINVAL && errno != ENOTSUP)
        failAt("flush", path);
}

/// The file that a link leads to, there already or not; path itself where it is none.
fs::path behindLinks(const fs::path& path)
{
    constexpr int kMostLinks = 40; // as many as Linux follows
    fs::path end = path;
    std::error_code code; // what is not there yet is no link: that is no failure
    for (int links = 0; links < kMostLinks && fs::is_symlink(end, code); ++links) {
        const fs::path next = fs::read_symlink(end, code);
        if (code)
            return path;
        end = end.parent_path() / next;
    }
    return end;
}

/// "/dev/stdout", "/dev/fd/3": an open file of this process by its name. -1 for any other path.
int descriptorNamed(const fs::path& path)
{
    const std::string name = path.lexically_normal().string();
    if (name == "/dev/stdout")
        return STDOUT_FILENO;
    if (name == "/dev/stderr")
        return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        int number = -1;
        const char* const end = name.data() + name.size();
        if (name.starts_with(folder)
            && std::from_chars(name.data() + folder.size(), end, number).ptr == end)
            return number;
    }
    return -1;
}

/// A device or a pipe: renaming a file over it would take it from everybody else.
bool isNoFile(const fs::path& path)
{
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

} // namespace

AtomicFile::AtomicFile(const fs::path& path)
    : m_path(path)
{
    if (const int open = descriptorNamed(path); open >= 0) {
        m_fd = ::fcntl(open, F_DUPFD_CLOEXEC, 0);
    } else if (m_path = behindLinks(path); isNoFile(m_path)) {
        m_fd = ::open(m_path.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        m_temporary = temporaryNameFor(m_path);
        m_fd = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    if (m_fd < 0)
        fail("write");
}

AtomicFile::~AtomicFile()
{
    if (m_fd >= 0) {
        ::close(m_fd);
        if (!m_temporary.empty())
            ::unlink(m_temporary.c_str());
    }
}

void AtomicFile::fail(const char* what) const
{
    failAt(what, m_path);
}

void AtomicFile::write(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_fd, bytes.data(), bytes.size());
        if (count < 0) {
            if (errno == EINTR)
                continue;
            fail("write");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void AtomicFile::write(std::string_view text)
{
    write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit()
{
    if (m_temporary.empty()) {
        const int result = ::close(std::exchange(m_fd, -1));
        if (result != 0)
            fail("write");
        return;
    }
    if (::fsync(m_fd) != 0)
        fail("flush");
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0)
        fail("put in place");
    ::close(m_fd);
    m_fd = -1;
    syncFolder(m_path.parent_path().empty() ? fs::path(".") : m_path.parent_path());
}

void writeFile(const fs::path& path, std::string_view text)
{
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

void syncFolder(const fs::path& folder)
{
    syncPath(folder, O_RDONLY | O_DIRECTORY);
}

void requireFreeFolder(const fs::path& path)
{
    if (fs::exists(path) && (!fs::is_directory(path) || !fs::is_empty(path)))
        throw Error(path.string() + " holds something already.",
                    "Choose a folder that is not there yet: nothing is written over.");
}

namespace detail {

fs::path beginFolder(const fs::path& folder)
{
    const fs::path temporary = temporaryNameFor(folder);
    std::error_code code;
    fs::remove_all(temporary, code);
    fs::create_directories(temporary, code);
    if (code)
        throw Error("Cannot make the folder " + folder.string() + ": " + code.message() + ".",
                    "Choose a folder that you may write to.");
    return temporary;
}

void commitFolder(const fs::path& temporary, const fs::path& folder)
{
    for (const auto& entry : fs::recursive_directory_iterator(temporary))
        syncPath(entry.path(), entry.is_directory() ? O_RDONLY | O_DIRECTORY : O_RDONLY);
    syncFolder(temporary);
    const fs::path parent = folder.parent_path().empty() ? fs::path(".") : folder.parent_path();
    // A folder cannot be renamed over a full one. Linux can exchange the two at once; not every
    // file system can, and a folder that is not there yet has nothing to exchange.
    if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) {
        syncFolder(parent);
        dropFolder(temporary); // the old one by now
        return;
    }
    // Else the old one steps aside first, so that one of them is always there.
    const fs::path old = folder.parent_path()
        / ("." + folder.filename().string() + ".old-" + std::to_string(::getpid()));
    const bool hadOld = fs::exists(folder);
    if (hadOld && ::rename(folder.c_str(), old.c_str()) != 0)
        failAt("replace", folder);
    if (::rename(temporary.c_str(), folder.c_str()) != 0) {
        const int number = errno;
        if (hadOld)
            ::rename(old.c_str(), folder.c_str());
        errno = number;
        failAt("put in place", folder);
    }
    syncFolder(parent);
    if (hadOld)
        dropFolder(old);
}

void dropFolder(const fs::path& temporary) noexcept
{
    std::error_code code;
    fs::remove_all(temporary, code);
}

} // namespace detail

} // namespace tw
