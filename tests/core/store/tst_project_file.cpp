// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"
#include "core/store/project_file.h"
#include "core/store/schema.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <fstream>
#include <unistd.h>

using namespace tw;
namespace fs = std::filesystem;

class TestProjectFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNewProjectHasItsFolders();
    void aSecondProjectInTheSameFolderIsRefused();
    void aFolderWithoutProjectIsRefused();
    void aFolderWithoutPermissionIsRefusedInWords();
    void everyThreadGetsItsOwnConnection();
    void theVersionGrowsWithWritesOfOthers();
    void damageInATableIsSaidAndTheRestIsRead();
    void aFileThatIsNoDatabaseOpensEmptyAndReadOnly();
    void aTruncatedFileOpensReadOnly();
    void aNewerProjectIsRefused();

private:
    QTemporaryDir m_folder;
    fs::path folder(const char* name) const
    {
        return fs::path(m_folder.path().toStdString()) / name;
    }
    static std::shared_ptr<ProjectFile> withRuns(const fs::path& folder);
};

/// 50 runs, each with an experiment of 5 kB and one event.
std::shared_ptr<ProjectFile> TestProjectFile::withRuns(const fs::path& folder)
{
    auto file = ProjectFile::create(folder);
    Database& database = file->writable();
    Transaction transaction(database);
    for (int i = 1; i <= 50; ++i) {
        database.write("INSERT INTO experiment (document, created) VALUES (?1, '')",
                       std::string(5000, 'x'));
        database.write("INSERT INTO run (experiment, name, state, model, method, steps, created) "
                       "VALUES (?1, 'run', 'finished', 'm', 'lora', 10, '')",
                       i);
        database.write(
            "INSERT INTO event (run, time, step, kind, text) VALUES (?1, '', 0, 'started', ?2)", i,
            std::string(3000, 'y'));
    }
    transaction.commit();
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    return file;
}

void TestProjectFile::aNewProjectHasItsFolders()
{
    const auto file = ProjectFile::create(folder("new"));
    for (const char* name : {"runs", "analyses", "reports", "models"})
        QVERIFY(fs::is_directory(file->folder() / name));
    QVERIFY(!file->isReadOnly());
    QCOMPARE(file->database().number("PRAGMA foreign_keys"), 1);
    QVERIFY(ProjectFile::open(folder("new"))->problems().empty());
}

void TestProjectFile::aSecondProjectInTheSameFolderIsRefused()
{
    ProjectFile::create(folder("same"));
    QVERIFY_THROWS_EXCEPTION(Error, ProjectFile::create(folder("same")));
}

void TestProjectFile::aFolderWithoutProjectIsRefused()
{
    QVERIFY_THROWS_EXCEPTION(Error, ProjectFile::open(folder("nothing here")));
}

void TestProjectFile::aFolderWithoutPermissionIsRefusedInWords()
{
    if (::geteuid() == 0) { // root may write everywhere: a file in the way stands for the refusal
        std::ofstream(folder("blocked")) << "a file";
    } else {
        fs::create_directory(folder("blocked"));
        fs::permissions(folder("blocked"), fs::perms::owner_read | fs::perms::owner_exec);
    }
    try {
        ProjectFile::create(folder("blocked") / "project");
        QFAIL("has to be refused");
    } catch (const Error& error) {
        QVERIFY(std::string(error.what()).find("blocked") != std::string::npos);
        QVERIFY(!error.hint().empty());
    }
}

void TestProjectFile::everyThreadGetsItsOwnConnection()
{
    const auto file = ProjectFile::create(folder("threads"));
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            try {
                for (int i = 0; i < 50; ++i)
                    file->writable().write("INSERT INTO project VALUES (?1, 'v')",
                                           std::to_string(t) + "/" + std::to_string(i));
            } catch (const Error&) {
                ++failures;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    QCOMPARE(failures.load(), 0);
    QCOMPARE(file->database().number("SELECT count(*) FROM project"), 200);
}

void TestProjectFile::theVersionGrowsWithWritesOfOthers()
{
    const auto here = ProjectFile::create(folder("version"));
    const auto other = ProjectFile::open(folder("version"));
    const auto before = here->version();
    QCOMPARE(here->version(), before);
    other->writable().write("INSERT INTO project VALUES ('a', 'b')");
    const auto after = here->version();
    QVERIFY(after > before);
    here->writable().write("INSERT INTO project VALUES ('c', 'd')");
    QVERIFY(here->version() > after);
}

void TestProjectFile::damageInATableIsSaidAndTheRestIsRead()
{
    withRuns(folder("damaged")).reset();
    const fs::path path = folder("damaged") / ProjectFile::kName;
    // Overwrites the pages that hold the long texts of experiments, in the middle of the file.
    std::string bytes = readFile(path, 100'000'000);
    std::size_t hit = 0;
    for (std::size_t page = 4096; page + 4096 <= bytes.size(); page += 4096)
        if (bytes.compare(page + 3000, 20, std::string(20, 'x')) == 0 && ++hit % 3 == 0)
            bytes.replace(page, 64, std::string(64, '\xee'));
    QVERIFY(hit > 10);
    std::ofstream(path, std::ios::binary) << bytes;

    const auto file = ProjectFile::open(folder("damaged"));
    QVERIFY(file->isReadOnly());
    QVERIFY(!file->problems().empty());
    QCOMPARE(file->problems().front().field, std::string("experiment"));
    QVERIFY_THROWS_EXCEPTION(Error, file->writable());
    std::int64_t runs = 0;
    Statement all = file->database().prepare("SELECT id FROM run");
    file->eachRow(all, [&](const Statement&) { ++runs; });
    QCOMPARE(runs, 50);
    std::int64_t documents = 0;
    Statement texts = file->database().prepare("SELECT document FROM experiment");
    file->eachRow(texts, [&](const Statement& row) { documents += row.text(0).empty() ? 0 : 1; });
    QVERIFY(documents < 50);
}

void TestProjectFile::aFileThatIsNoDatabaseOpensEmptyAndReadOnly()
{
    withRuns(folder("garbage")).reset();
    fs::create_directories(folder("garbage") / "runs" / "3" / "adapter");
    std::ofstream(folder("garbage") / ProjectFile::kName, std::ios::binary)
        << std::string(10'000, 'z');
    const auto file = ProjectFile::open(folder("garbage"));
    QVERIFY(file->isReadOnly());
    QCOMPARE(file->problems().size(), std::size_t {1});
    QVERIFY(file->problems().front().hint.find("1 folder") != std::string::npos);
    QCOMPARE(file->database().number("SELECT count(*) FROM run"), 0);
}

void TestProjectFile::aTruncatedFileOpensReadOnly()
{
    withRuns(folder("cut")).reset();
    const fs::path path = folder("cut") / ProjectFile::kName;
    fs::resize_file(path, fs::file_size(path) / 2);
    const auto file = ProjectFile::open(folder("cut"));
    QVERIFY(file->isReadOnly());
    QVERIFY(!file->problems().empty());
}

void TestProjectFile::aNewerProjectIsRefused()
{
    ProjectFile::create(folder("newer"))->writable().execute("PRAGMA user_version = 4000");
    try {
        ProjectFile::open(folder("newer"));
        QFAIL("has to be refused");
    } catch (const Error& error) {
        QVERIFY(std::string(error.what()).find("newer Tunewright") != std::string::npos);
    }
}

QTEST_APPLESS_MAIN(TestProjectFile)
#include "tst_project_file.moc"
