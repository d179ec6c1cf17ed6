// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tw {

/// What SQLite refused, in words.
class DatabaseError : public Error
{
public:
    enum class Kind
    {
        Damaged, ///< no database, or a page of it is not what SQLite wrote
        ReadOnly, ///< file or folder cannot be opened or written to
        Full, ///< the disk
        Busy, ///< another connection held it for longer than the five seconds of patience
        Other
    };

    DatabaseError(Kind kind, const std::string& what, std::string hint);
    Kind kind() const noexcept { return m_kind; }

private:
    Kind m_kind;
};

class Database;

/// A prepared statement in use; its destructor resets it and gives it back to the connection's
/// cache. Must not outlive its Database.
class Statement
{
public:
    Statement(Database& database, std::string sql, sqlite3_stmt* handle);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds the parameters ?1, ?2 ... in order.
    template <typename... Values>
    Statement& with(const Values&... values)
    {
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// Moves to the next row; false at the end. Throws DatabaseError.
    bool next();
    /// For statements without rows.
    void run();
    /// Runs it and makes it ready for other values: for loops of inserts.
    void runAndReset();

    /// Values of the row at hand, converted as SQLite does; columns count from 0. NULL gives 0 or
    /// an empty text.
    std::int64_t integer(int column) const;
    double real(int column) const;
    double realOrNan(int column) const; ///< NULL gives NaN, which is how SQLite stores NaN
    std::string text(int column) const;
    bool isNull(int column) const;

private:
    void bind(int index, std::int64_t value);
    void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, double value);
    void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
    void bind(int index, const char* value) { bind(index, std::string_view(value)); }
    void bind(int index, std::string_view value);
    void bind(int index, std::nullptr_t);

    Database* m_database;
    std::string m_sql;
    sqlite3_stmt* m_handle;
};

/// One connection, for one thread at a time: WAL, foreign keys, five seconds of patience with other
/// writers.
class Database
{
public:
    enum class Mode
    {
        ReadWrite,
        Create,
        ReadOnly
    };

    /// Throws DatabaseError. ReadOnly falls back to SQLite's immutable mode where the folder cannot
    /// be written to.
    Database(const std::filesystem::path& file, Mode mode);
    /// In memory.
    Database();
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Statement prepare(std::string_view sql);
    /// One or more statements without parameters.
    void execute(const std::string& sql);
    /// prepare(), with(), run() in one.
    template <typename... Values>
    void write(std::string_view sql, const Values&... values)
    {
        prepare(sql).with(values...).run();
    }
    std::int64_t lastId() const;
    /// First column of the first row as a number; 0 without a row.
    std::int64_t number(std::string_view sql);
    const std::string& name() const { return m_name; }

    [[noreturn]] void fail(int code) const;

private:
    friend class Statement;
    void giveBack(const std::string& sql, sqlite3_stmt* handle) noexcept;
    void open(const std::string& uri, int flags);
    void openImmutable(const std::filesystem::path& file);
    void close() noexcept;

    std::string m_name; ///< file, for messages
    sqlite3* m_handle = nullptr;
    std::unordered_map<std::string, std::vector<sqlite3_stmt*>> m_idle;
};

/// BEGIN IMMEDIATE ... COMMIT; without commit() the destructor rolls back.
class Transaction
{
public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Database& m_database;
    bool m_isOpen = true;
};

} // namespace tw
