// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/download/git_hash.h"
#include "core/download/http.h"
#include "core/download/repository.h"

#include <fstream>
#include <optional>

namespace tw {
namespace {

namespace fs = std::filesystem;

std::int64_t sizeOf(const fs::path& path)
{
    std::error_code code;
    const auto size = fs::file_size(path, code);
    return code ? 0 : static_cast<std::int64_t>(size);
}

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
        for (const RepositoryFile& file : m_files) {
            const fs::path path = m_folder / file.name;
            makeFolder(path.parent_path());
            if (!isThere(path, file))
                fetch(path, file);
            m_done += file.bytes;
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
        const bool wasBegun = sizeOf(part) > 0;
        receive(part, file);
        if (wasBegun && !isRight(part, file)) {
            fs::remove(part);
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
            + escapedPath(m_commit) + "/" + escapedPath(file.name);
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
