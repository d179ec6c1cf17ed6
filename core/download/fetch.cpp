// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/download/git_hash.h"
#include "core/download/http.h"
#include "core/download/repository.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <unistd.h>

namespace tw {
namespace {

namespace fs = std::filesystem;

std::int64_t sizeOf(const fs::path& path)
{
    std::error_code code;
    const auto size = fs::file_size(path, code);
    return code ? 0 : static_cast<std::int64_t>(size);
}

constexpr const char* kOriginFile = ".fetched.json";

/// While it lives, no other program fetches into the same file.
class OneOnly
{
public:
    explicit OneOnly(const fs::path& part)
        : m_part(part)
        , m_fd(::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644))
    {
        if (m_fd < 0)
            throw Error("Cannot write " + part.string() + ": " + std::strerror(errno) + ".",
                        "Choose a folder that you may write to.");
        if (::flock(m_fd, LOCK_EX | LOCK_NB) != 0) {
            ::close(m_fd);
            throw Error(part.string() + " is being fetched already.",
                        "Wait until that is done, or choose another folder.");
        }
    }
    ~OneOnly()
    {
        std::error_code code;
        if (fs::file_size(m_part, code) == 0 && !code)
            fs::remove(m_part, code); // nothing has come: it was made for the lock alone
        ::close(m_fd);
    }
    OneOnly(const OneOnly&) = delete;
    OneOnly& operator=(const OneOnly&) = delete;

private:
    fs::path m_part;
    int m_fd;
};

/// Fetches one file after the other and says how far all of them are.
class Fetcher
{
public:
    Fetcher(const RepositoryAddress& address,
            std::string commit,
            const std::vector<RepositoryFile>& files,
            fs::path folder,
            JobControl& control)
        : m_address(address)
        , m_commit(std::move(commit))
        , m_files(files)
        , m_folder(std::move(folder))
        , m_control(control)
        , m_client(address.token)
    {
        for (const RepositoryFile& file : files)
            m_total += file.bytes;
    }

    void run()
    {
        checkSpace();
        const std::vector<bool> isKept = filesThatStay();
        writeFile(m_folder / kOriginFile, originNow().dump(2) + "\n");
        for (std::size_t i = 0; i < m_files.size(); ++i) {
            const fs::path path = m_folder / m_files[i].name;
            makeFolder(path.parent_path());
            if (!isKept[i])
                fetch(path, m_files[i]);
            m_done += m_files[i].bytes;
        }
        report(0);
    }

private:
    void report(std::int64_t more) { m_control.report("downloading", m_done + more, m_total); }

    void makeFolder(const fs::path& folder) const
    {
        std::error_code code;
        fs::create_directories(folder, code);
        if (code)
            throw Error("Cannot make the folder " + folder.string() + ": " + code.message() + ".",
                        "Choose a folder that you may write to.");
    }

    void checkSpace() const
    {
        makeFolder(m_folder);
        std::error_code code;
        const auto space = fs::space(m_folder, code);
        std::int64_t missing = m_total;
        for (const RepositoryFile& file : m_files)
            missing -=
                std::max(sizeOf(m_folder / file.name), sizeOf(m_folder / (file.name + ".part")));
        if (!code && missing > 0 && static_cast<std::uint64_t>(missing) > space.available)
            throw Error("There is not enough room in " + m_folder.string() + ": "
                            + bytesInWords(static_cast<std::uint64_t>(missing)) + " are missing, "
                            + bytesInWords(space.available) + " are free.",
                        "Choose another disk, or fewer files.");
    }

    Json originNow() const
    {
        return {{"endpoint", m_address.endpoint}, {"name", m_address.name}, {"commit", m_commit}};
    }

    /// Whether the folder was fetched from this model before, whatever its commit was then.
    bool isOwn() const
    {
        const fs::path file = m_folder / kOriginFile;
        if (!fs::exists(file))
            return false;
        constexpr std::size_t kLargest = 1 << 16;
        Json origin = readJsonFile(file, kLargest);
        Json now = originNow();
        now.erase("commit");
        if (origin.is_object())
            origin.erase("commit");
        return origin == now;
    }

    /// Which files are there already. Throws Error where one belongs to something else.
    std::vector<bool> filesThatStay()
    {
        const bool mayReplace = isOwn();
        std::vector<bool> stays;
        for (const RepositoryFile& file : m_files) {
            const fs::path path = m_folder / file.name;
            stays.push_back(isThere(path, file));
            if (!stays.back() && fs::exists(path) && !mayReplace)
                throw Error(path.string() + " is there already, and it is not that of "
                                + m_address.name + ".",
                            "Choose another folder: nothing is written over.");
        }
        return stays;
    }

    bool isThere(const fs::path& path, const RepositoryFile& file)
    {
        return fs::is_regular_file(path) && sizeOf(path) == file.bytes && hasHash(path, file);
    }

    bool hasHash(const fs::path& path, const RepositoryFile& file)
    {
        const auto pulse = [&](std::size_t bytes) {
            m_control.throwIfCancelled();
            m_control.report("checking", static_cast<std::int64_t>(bytes), file.bytes);
        };
        if (!file.sha256.empty())
            return sha256File(path, pulse) == file.sha256;
        return file.gitHash.empty() || gitBlobHash(path) == file.gitHash;
    }

    /// A second time from the start where what was begun earlier turns out to be of another file.
    void fetch(const fs::path& path, const RepositoryFile& file)
    {
        const fs::path part = path.string() + ".part";
        const OneOnly lock(part);
        const bool wasBegun = sizeOf(part) > 0;
        receive(part, file);
        if (wasBegun && !isRight(part, file)) {
            fs::resize_file(part, 0); // not removed: the lock is on it
            receive(part, file);
        }
        if (!isRight(part, file)) {
            fs::remove(part);
            throw Error(file.name
                            + " does not have the checksum that the server promised: it was "
                              "damaged on its way.",
                        "Fetch it again. If it happens again, do not trust the server.");
        }
        std::error_code code;
        fs::rename(part, path, code);
        if (code)
            throw Error("Cannot rename " + part.string() + ": " + code.message() + ".",
                        "Choose a folder that you may write to.");
        syncFolder(path.parent_path());
    }

    bool isRight(const fs::path& part, const RepositoryFile& file)
    {
        return sizeOf(part) == file.bytes && hasHash(part, file);
    }

    void receive(const fs::path& part, const RepositoryFile& file)
    {
        std::int64_t have = sizeOf(part);
        if (have > file.bytes)
            have = 0;
        if (have == file.bytes && have > 0)
            return;
        std::ofstream out;
        const auto begin = [&](bool isWhole) {
            if (isWhole)
                have = 0;
            out.open(part, std::ios::binary | (isWhole ? std::ios::trunc : std::ios::app));
            if (!out)
                throw Error("Cannot write " + part.string() + ".",
                            "Choose a folder that you may write to.");
        };
        const auto piece = [&](const char* bytes, std::size_t count) {
            have += static_cast<std::int64_t>(count);
            if (have > file.bytes)
                throw Error("The server sends more of " + file.name + " than it promised.",
                            "Do not trust this server.");
            out.write(bytes, static_cast<std::streamsize>(count));
            if (!out)
                throw Error("Cannot write " + part.string() + ": is the disk full?",
                            "Make room and try again: what has arrived is kept.");
            return true;
        };
        const auto pulse = [&] {
            report(have);
            m_control.throwIfCancelled();
            return true;
        };
        const std::string url = m_address.endpoint + "/" + escapedPath(m_address.name) + "/resolve/"
            + escapedName(m_commit) + "/" + escapedPath(file.name);
        m_client.file(url, have, begin, piece, pulse);
        out.close();
        if (out.fail())
            throw Error("Cannot write " + part.string() + ": is the disk full?",
                        "Make room and try again: what has arrived is kept.");
    }

    const RepositoryAddress& m_address;
    std::string m_commit;
    const std::vector<RepositoryFile>& m_files;
    fs::path m_folder;
    JobControl& m_control;
    HttpClient m_client;
    std::int64_t m_total = 0;
    std::int64_t m_done = 0; ///< bytes of the files that are there
};

} // namespace

void fetchFiles(const RepositoryAddress& address,
                const std::string& commit,
                const std::vector<RepositoryFile>& files,
                const std::filesystem::path& folder,
                JobControl& control)
{
    Fetcher(address, commit, files, folder, control).run();
}

} // namespace tw
