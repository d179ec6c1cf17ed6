// SPDX-License-Identifier: Apache-2.0
#include "core/store/database.h"

#include <sqlite3.h>

#include <limits>
#include <utility>

namespace tw {
namespace {

constexpr int kPatienceMilliseconds =
    5000; // another process commits in milliseconds; five seconds mean it hangs

std::string uriOf(const std::filesystem::path& file, const char* query)
{
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
            static constexpr const char* kHex = "0123456789ABCDEF";
            const auto byte = static_cast<unsigned char>(c);
            uri += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        } else {
            uri += c;
        }
    }
    return uri + query;
}

DatabaseError::Kind kindOf(int code)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DatabaseError::Kind::Damaged;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return DatabaseError::Kind::ReadOnly;
    case SQLITE_FULL:
        return DatabaseError::Kind::Full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DatabaseError::Kind::Busy;
    default:
        return DatabaseError::Kind::Other;
    }
}

const char* hintOf(DatabaseError::Kind kind)
{
    switch (kind) {
    case DatabaseError::Kind::Damaged:
        return "The project opens read-only with what can be read; copy it from a backup if you "
               "have one.";
    case DatabaseError::Kind::ReadOnly:
        return "Choose a folder that you may write to.";
    case DatabaseError::Kind::Full:
        return "The disk is full: free some space and try again.";
    case DatabaseError::Kind::Busy:
        return "Another program is writing to this project: try again when it has finished.";
    case DatabaseError::Kind::Other:
        break;
    }
    return "Check the disk and the permissions of the project's folder.";
}

} // namespace

DatabaseError::DatabaseError(Kind kind, const std::string& what, std::string hint)
    : Error(what, std::move(hint))
    , m_kind(kind)
{
}

Statement::Statement(Database& database, std::string sql, sqlite3_stmt* handle)
    : m_database(&database)
    , m_sql(std::move(sql))
    , m_handle(handle)
{
}

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database)
    , m_sql(std::move(other.m_sql))
    , m_handle(std::exchange(other.m_handle, nullptr))
{
}

Statement::~Statement()
{
    if (m_handle != nullptr)
        m_database->giveBack(m_sql, m_handle);
}

bool Statement::next()
{
    const int code = sqlite3_step(m_handle);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        m_database->fail(code);
    return false;
}

void Statement::run()
{
    while (next()) { }
}

void Statement::runAndReset()
{
    run();
    sqlite3_reset(m_handle);
}

void Statement::bind(int index, std::int64_t value)
{
    if (const int code = sqlite3_bind_int64(m_handle, index, value); code != SQLITE_OK)
        m_database->fail(code);
}

void Statement::bind(int index, double value)
{
    // SQLite turns NaN into NULL on its own; columns that hold measurements allow NULL.
    if (const int code = sqlite3_bind_double(m_handle, index, value); code != SQLITE_OK)
        m_database->fail(code);
}

void Statement::bind(int index, std::string_view value)
{
    const int code =
        sqlite3_bind_text64(m_handle, index, value.data() == nullptr ? "" : value.data(),
                            value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK)
        m_database->fail(code);
}

void Statement::bind(int index, std::nullptr_t)
{
    if (const int code = sqlite3_bind_null(m_handle, index); code != SQLITE_OK)
        m_database->fail(code);
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_handle, column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(m_handle, column);
}

double Statement::realOrNan(int column) const
{
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN() : real(column);
}

std::string Statement::text(int column) const
{
    const void* bytes = sqlite3_column_blob(m_handle, column);
    const int size = sqlite3_column_bytes(m_handle, column);
    return bytes == nullptr
        ? std::string()
        : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_handle, column) == SQLITE_NULL;
}

Database::Database(const std::filesystem::path& file, Mode mode)
    : m_name(file.string())
{
    const int access = mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY
        : mode == Mode::Create                ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                              : SQLITE_OPEN_READWRITE;
    try {
        open(uriOf(file, ""), access);
        if (mode == Mode::ReadOnly)
            number("SELECT count(*) FROM sqlite_master"); // fails here where the -shm file cannot
                                                          // be made
        else
            execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = "
                    "ON;");
    } catch (const DatabaseError& error) {
        close();
        // A folder that cannot be written to is the one case in which nobody else writes either.
        if (mode != Mode::ReadOnly || error.kind() != DatabaseError::Kind::ReadOnly)
            throw;
        openImmutable(file);
    }
}

Database::Database()
    : m_name("project in memory")
{
    open(":memory:", SQLITE_OPEN_READWRITE);
}

Database::~Database()
{
    close();
}

void Database::open(const std::string& uri, int flags)
{
    const int code = sqlite3_open_v2(uri.c_str(), &m_handle,
                                     flags | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, nullptr);
    if (code != SQLITE_OK)
        fail(code);
    sqlite3_extended_result_codes(m_handle, 1);
    sqlite3_busy_timeout(m_handle, kPatienceMilliseconds);
}

void Database::openImmutable(const std::filesystem::path& file)
{
    try {
        open(uriOf(file, "?immutable=1"), SQLITE_OPEN_READONLY);
    } catch (const DatabaseError&) {
        close(); // the constructor throws: no destructor would
        throw;
    }
}

void Database::close() noexcept
{
    for (auto& [sql, handles] : m_idle)
        for (sqlite3_stmt* handle : handles)
            sqlite3_finalize(handle);
    m_idle.clear();
    sqlite3_close_v2(m_handle);
    m_handle = nullptr;
}

Statement Database::prepare(std::string_view sql)
{
    std::string key(sql);
    if (const auto it = m_idle.find(key); it != m_idle.end() && !it->second.empty()) {
        sqlite3_stmt* handle = it->second.back();
        it->second.pop_back();
        return {*this, std::move(key), handle};
    }
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v2(m_handle, key.c_str(), static_cast<int>(key.size()) + 1,
                                        &handle, nullptr);
    if (code != SQLITE_OK)
        fail(code);
    return {*this, std::move(key), handle};
}

void Database::giveBack(const std::string& sql, sqlite3_stmt* handle) noexcept
{
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
    m_idle[sql].push_back(handle);
}

void Database::execute(const std::string& sql)
{
    if (const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr);
        code != SQLITE_OK)
        fail(code);
}

std::int64_t Database::lastId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

std::int64_t Database::number(std::string_view sql)
{
    Statement statement = prepare(sql);
    return statement.next() ? statement.integer(0) : 0;
}

void Database::fail(int code) const
{
    const auto kind = kindOf(code);
    const std::string reason =
        m_handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(m_handle);
    throw DatabaseError(kind, m_name + ": " + reason + ".", hintOf(kind));
}

Transaction::Transaction(Database& database)
    : m_database(database)
{
    m_database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction()
{
    if (!m_isOpen)
        return;
    try {
        m_database.execute("ROLLBACK");
    } catch (
        const DatabaseError&) { // SQLite has rolled back on its own already (disk full, I/O error)
    }
}

void Transaction::commit()
{
    m_database.execute("COMMIT");
    m_isOpen = false;
}

} // namespace tw
