// SPDX-License-Identifier: Apache-2.0
#include "core/store/database.h"
#include "core/store/schema.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace tw;

class TestDatabase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadBackWithItsType();
    void aTransactionThatIsNotCommittedLeavesNothing();
    void foreignKeysAreKept();
    void aStatementInUseCanBePreparedAgain();
    void aFullDiskIsSaidInWords();
    void aFileThatSomebodyHoldsIsBusyForReadersToo();
    void aNewerLayoutIsRefusedAndUntouched();
    void anOlderFileIsBroughtUp();
    void migratingTwiceChangesNothing();

private:
    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
};

void TestDatabase::whatIsWrittenIsReadBackWithItsType()
{
    Database database;
    database.execute("CREATE TABLE t (a, b, c, d)");
    database.write("INSERT INTO t VALUES (?1, ?2, ?3, ?4)", std::int64_t {9007199254740993}, 0.1,
                   std::string("a\0b", 3), nullptr);
    Statement row = database.prepare("SELECT a, b, c, d FROM t");
    QVERIFY(row.next());
    QCOMPARE(row.integer(0), std::int64_t {9007199254740993});
    QCOMPARE(row.real(1), 0.1);
    QCOMPARE(row.text(2), std::string("a\0b", 3));
    QVERIFY(row.isNull(3));
    QVERIFY(!row.next());
}

void TestDatabase::aTransactionThatIsNotCommittedLeavesNothing()
{
    Database database;
    database.execute("CREATE TABLE t (a)");
    try {
        Transaction transaction(database);
        database.write("INSERT INTO t VALUES (1)");
        throw Error("something went wrong");
    } catch (const Error&) {
    }
    QCOMPARE(database.number("SELECT count(*) FROM t"), 0);
    Transaction transaction(database);
    database.write("INSERT INTO t VALUES (1)");
    transaction.commit();
    QCOMPARE(database.number("SELECT count(*) FROM t"), 1);
}

void TestDatabase::foreignKeysAreKept()
{
    Database database(file("keys.db"), Database::Mode::Create);
    migrate(database);
    QVERIFY_THROWS_EXCEPTION(DatabaseError,
                             database.write("INSERT INTO metric VALUES (77, 1, 0, 0.5)"));
}

void TestDatabase::aStatementInUseCanBePreparedAgain()
{
    Database database;
    database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);");
    Statement outer = database.prepare("SELECT a FROM t ORDER BY a");
    QVERIFY(outer.next());
    Statement inner = database.prepare("SELECT a FROM t ORDER BY a");
    QVERIFY(inner.next());
    QVERIFY(inner.next());
    QCOMPARE(inner.integer(0), 2);
    QCOMPARE(outer.integer(0), 1);
}

void TestDatabase::aFullDiskIsSaidInWords()
{
    Database database(file("full.db"), Database::Mode::Create);
    migrate(database);
    // SQLite answers a reached page limit exactly as it answers a disk without room.
    database.execute("PRAGMA max_page_count = "
                     + std::to_string(database.number("PRAGMA page_count") + 1));
    const std::string large(100'000, 'x');
    try {
        database.write("INSERT INTO project VALUES ('k', ?1)", large);
        QFAIL("a write beyond the limit has to fail");
    } catch (const DatabaseError& error) {
        QCOMPARE(error.kind(), DatabaseError::Kind::Full);
        QVERIFY(error.hint().find("disk is full") != std::string::npos);
    }
    QCOMPARE(database.number("SELECT count(*) FROM project"), 0);
}

void TestDatabase::aFileThatSomebodyHoldsIsBusyForReadersToo()
{
    // Reading past the lock would show a file that is just being changed.
    Database writer(file("held.db"), Database::Mode::Create);
    writer.execute("PRAGMA journal_mode = DELETE; CREATE TABLE t (a); BEGIN EXCLUSIVE");
    try {
        const Database reader(file("held.db"), Database::Mode::ReadOnly); // after its patience
        QFAIL("a held file has to be refused");
    } catch (const DatabaseError& error) {
        QCOMPARE(error.kind(), DatabaseError::Kind::Busy);
    }
}

void TestDatabase::aNewerLayoutIsRefusedAndUntouched()
{
    Database database(file("newer.db"), Database::Mode::Create);
    database.execute("PRAGMA user_version = 4000");
    try {
        migrate(database);
        QFAIL("a newer layout has to be refused");
    } catch (const Error& error) {
        QVERIFY(std::string(error.what()).find("newer Tunewright") != std::string::npos);
    }
    QCOMPARE(database.number("PRAGMA user_version"), 4000);
    QCOMPARE(database.number("SELECT count(*) FROM sqlite_master"), 0);
}

void TestDatabase::anOlderFileIsBroughtUp()
{
    Database database(file("old.db"), Database::Mode::Create);
    QCOMPARE(database.number("PRAGMA user_version"), 0);
    migrate(database);
    QCOMPARE(database.number("PRAGMA user_version"), newestSchema());
    for (const std::string& table : tableNames())
        QCOMPARE(database.number("SELECT count(*) FROM " + table), 0);
}

void TestDatabase::migratingTwiceChangesNothing()
{
    Database database(file("twice.db"), Database::Mode::Create);
    migrate(database);
    database.write("INSERT INTO project VALUES ('name', 'kept')");
    migrate(database);
    QCOMPARE(database.number("SELECT count(*) FROM project"), 1);
}

QTEST_APPLESS_MAIN(TestDatabase)
#include "tst_database.moc"
