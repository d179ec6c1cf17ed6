// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/store/database.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

namespace tw {

/// A project's folder and its database: one connection per thread, damage, versions. Thread-safe.
class ProjectFile
{
public:
    static constexpr const char* kName = "project.tunewright";

    /// Makes folder, sub-folders and an empty file. Throws Error where there is a project already
    /// or no permission.
    static std::shared_ptr<ProjectFile> create(const std::filesystem::path& folder);
    /// Throws Error where there is no project, or that of a newer program. A damaged file, or one
    /// that may not be written to, opens read-only; problems() says what is lost.
    static std::shared_ptr<ProjectFile> open(const std::filesystem::path& folder);
    ~ProjectFile();

    const std::filesystem::path& folder() const { return m_folder; }
    bool isReadOnly() const { return m_isReadOnly; }
    const Problems& problems() const { return m_problems; }
    bool isLost() const { return m_isLost; } ///< the last problem says why
    std::filesystem::path runFolder(std::int64_t run) const
    {
        return m_folder / "runs" / std::to_string(run);
    }

    /// This thread's connection.
    Database& database();
    /// The same for writing. Throws Error where the project is read-only.
    Database& writable();
    /// Another number after every write by whomever; grows.
    std::int64_t version();

    /// Calls row(statement) for each row; in a damaged project the rows behind the damage are left
    /// out.
    void eachRow(Statement& statement, const std::function<void(const Statement&)>& row) const;

    ProjectFile(std::filesystem::path folder, bool isReadOnly);

private:
    void findDamage();
    void openNothing(const std::string& why);
    std::unique_ptr<Database> connect() const;

    std::filesystem::path m_folder;
    bool m_isReadOnly = false;
    bool m_isDamaged = false;
    bool m_isLost =
        false; ///< nothing of the file can be read: empty databases in memory stand for it
    Problems m_problems;
    std::mutex m_mutex;
    std::unordered_map<std::thread::id, std::unique_ptr<Database>> m_connections;
    std::mutex m_versionMutex;
    std::unique_ptr<Database>
        m_watcher; ///< never writes, so that its data_version moves with every write
    std::int64_t m_lastDataVersion = 0;
    std::int64_t m_version = 0;
};

} // namespace tw
