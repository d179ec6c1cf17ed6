// SPDX-License-Identifier: Apache-2.0
#include "core/store/project_file.h"

#include "core/store/schema.h"

namespace tw {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolders[] {"runs", "analyses", "reports", "models"};

fs::path fileOf(const fs::path& folder)
{
    return folder / ProjectFile::kName;
}

std::string lossInWords(const std::string& table)
{
    static const std::unordered_map<std::string, std::string> words {
        {"project", "the project's name and the experiment being edited"},
        {"model", "the list of models"},
        {"dataset", "the list of data sets"},
        {"experiment", "documents of experiments"},
        {"run", "entries of the table of runs"},
        {"metric_name", "names of curves"},
        {"metric", "points of curves"},
        {"event", "events of runs"},
        {"sample", "sample answers"},
        {"analysis", "stored analyses"},
        {"artefact", "the list of checkpoints"},
        {"report", "the list of reports"},
        {"queue", "the queue"}};
    return words.at(table);
}

/// Whether every page of a table can be walked. Metrics may be millions: counting them visits each
/// page without decoding rows, the others are checked in full.
bool isWhole(Database& database, const std::string& table)
{
    try {
        if (table == "metric") {
            database.number("SELECT count(*) FROM metric");
            return true;
        }
        Statement check = database.prepare("PRAGMA quick_check('" + table + "')");
        return check.next() && check.text(0) == "ok";
    } catch (const DatabaseError&) {
        return false; // said by the caller, in words
    }
}

} // namespace

ProjectFile::ProjectFile(fs::path folder, bool isReadOnly)
    : m_folder(std::move(folder))
    , m_isReadOnly(isReadOnly)
{
}

ProjectFile::~ProjectFile() = default;

std::shared_ptr<ProjectFile> ProjectFile::create(const fs::path& folder)
{
    if (fs::exists(fileOf(folder)))
        throw Error("There is a project in " + folder.string() + " already.",
                    "Open it, or choose another folder.");
    std::error_code code;
    for (const char* name : kFolders) {
        fs::create_directories(folder / name, code);
        if (code)
            throw Error("Cannot make the folder " + (folder / name).string() + ": " + code.message()
                            + ".",
                        "Choose a folder that you may write to.");
    }
    auto file = std::make_shared<ProjectFile>(fs::absolute(folder), false);
    Database database(fileOf(folder), Database::Mode::Create);
    migrate(database);
    return file;
}

std::shared_ptr<ProjectFile> ProjectFile::open(const fs::path& folder)
{
    const fs::path path = fileOf(folder);
    std::error_code code;
    if (!fs::exists(path, code))
        throw Error("There is no project in " + folder.string() + ": " + kName + " is missing.",
                    "Choose the folder that holds " + std::string(kName)
                        + ", or make a new project.");
    auto file = std::make_shared<ProjectFile>(fs::absolute(folder), false);
    try {
        Database database(path, Database::Mode::ReadWrite);
        migrate(database);
    } catch (const DatabaseError& error) {
        file->m_isReadOnly = true;
        if (error.kind() == DatabaseError::Kind::ReadOnly)
            file->m_problems.push_back(
                {"project",
                 "You may not write to " + path.string() + ": the project is shown read-only.",
                 "Copy the folder to a place of yours to go on working with it.", true});
        else if (error.kind() != DatabaseError::Kind::Damaged)
            throw;
    }
    file->findDamage();
    return file;
}

void ProjectFile::findDamage()
{
    try {
        Database database(fileOf(m_folder), Database::Mode::ReadOnly);
        if (database.number("PRAGMA user_version") > newestSchema())
            migrate(database); // throws, in words
        for (const std::string& table : tableNames()) {
            if (isWhole(database, table))
                continue;
            m_isDamaged = m_isReadOnly = true;
            m_problems.push_back({table,
                                  "The project file is damaged: " + lossInWords(table)
                                      + " are lost in part or wholly.",
                                  "What can be read is shown; take " + std::string(kName)
                                      + " from a backup if you have one.",
                                  false});
        }
    } catch (const DatabaseError& error) {
        openNothing(error.what());
    }
}

void ProjectFile::openNothing(const std::string& why)
{
    m_isReadOnly = m_isDamaged = m_isLost = true;
    std::error_code code;
    std::int64_t folders = 0;
    for (const auto& entry : fs::directory_iterator(m_folder / "runs", code))
        folders += entry.is_directory() ? 1 : 0;
    m_problems.push_back({"project", "Nothing in the project file can be read (" + why + ").",
                          std::to_string(folders)
                              + " folders of runs with their adapters and checkpoints are still in "
                              + (m_folder / "runs").string() + ".",
                          false});
}

std::unique_ptr<Database> ProjectFile::connect() const
{
    if (m_isLost) {
        auto empty = std::make_unique<Database>();
        migrate(*empty);
        return empty;
    }
    return std::make_unique<Database>(
        fileOf(m_folder), m_isReadOnly ? Database::Mode::ReadOnly : Database::Mode::ReadWrite);
}

Database& ProjectFile::database()
{
    const std::lock_guard lock(m_mutex);
    auto& connection = m_connections[std::this_thread::get_id()];
    if (connection == nullptr)
        connection = connect();
    return *connection;
}

Database& ProjectFile::writable()
{
    if (m_isReadOnly)
        throw Error("The project in " + m_folder.string() + " is open read-only.",
                    m_problems.empty() ? "Copy it to a place that you may write to."
                                       : m_problems.front().hint);
    return database();
}

std::int64_t ProjectFile::version()
{
    const std::lock_guard lock(m_versionMutex);
    if (m_isLost)
        return 0;
    if (m_watcher == nullptr)
        m_watcher = connect();
    const auto now = m_watcher->number("PRAGMA data_version");
    if (now != m_lastDataVersion)
        ++m_version;
    m_lastDataVersion = now;
    return m_version;
}

void ProjectFile::eachRow(Statement& statement,
                          const std::function<void(const Statement&)>& row) const
{
    try {
        while (statement.next())
            row(statement);
    } catch (const DatabaseError& error) {
        if (!m_isDamaged || error.kind() != DatabaseError::Kind::Damaged)
            throw; // in a project that is known to be damaged, what is behind the damage is what
                   // problems() tells of
    }
}

} // namespace tw
