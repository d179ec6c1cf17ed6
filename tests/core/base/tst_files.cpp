// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/mapped_file.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tw;
namespace fs = std::filesystem;

namespace {

template <typename Action>
Error errorOf(Action action)
{
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error("nothing was thrown");
}

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestFiles : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    fs::path in(const char* name) const { return fs::path(m_dir.path().toStdString()) / name; }

private Q_SLOTS:
    void aCommittedFileIsThereWhole()
    {
        writeFile(in("a.txt"), "first");
        writeFile(in("a.txt"), "second");
        QCOMPARE(readFile(in("a.txt"), 100), std::string("second"));
    }

    void aLinkStaysOneAndTheFileBehindItIsReplaced()
    {
        writeFile(in("behind.txt"), "old");
        fs::create_symlink("behind.txt", in("link.txt"));
        writeFile(in("link.txt"), "new");
        QVERIFY(fs::is_symlink(in("link.txt")));
        QCOMPARE(readFile(in("behind.txt"), 100), std::string("new"));
    }

    void aLinkToAFileThatIsNotThereYetStaysOne()
    {
        fs::create_symlink("later.txt", in("link to later.txt"));
        writeFile(in("link to later.txt"), "new");
        QVERIFY(fs::is_symlink(in("link to later.txt")));
        QCOMPARE(readFile(in("later.txt"), 100), std::string("new"));
    }

    void anOpenFileIsWrittenToWhereItStands()
    {
        const fs::path log = in("log.txt");
        writeFile(log, "before;");
        const int open = ::open(log.c_str(), O_WRONLY | O_APPEND);
        QVERIFY(open >= 0);
        writeFile("/dev/fd/" + std::to_string(open), "after");
        ::close(open);
        QCOMPARE(readFile(log, 100), std::string("before;after"));
    }

    void aPipeIsWrittenToAndStaysOne()
    {
        const fs::path pipe = in("pipe");
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
        QVERIFY(reader >= 0);
        writeFile(pipe, "through it");
        QVERIFY(fs::is_fifo(pipe));
        std::array<char, 32> read {};
        QCOMPARE(::read(reader, read.data(), read.size()), ssize_t {10});
        QCOMPARE(std::string(read.data()), std::string("through it"));
        ::close(reader);
    }

    void withoutCommitTheOldFileStaysAndNothingIsLeftOver()
    {
        writeFile(in("kept.txt"), "old");
        {
            AtomicFile file(in("kept.txt"));
            file.write("half of the ne");
        }
        QCOMPARE(readFile(in("kept.txt"), 100), std::string("old"));
        for (const auto& entry : fs::directory_iterator(in("")))
            QVERIFY2(!contains(entry.path().filename().string(), ".tmp-"), entry.path().c_str());
    }

    void aFullDiskIsSaidInWordsAndKeepsTheOldFile()
    {
        writeFile(in("full.txt"), "old");
        rlimit limit {};
        getrlimit(RLIMIT_FSIZE, &limit);
        signal(SIGXFSZ, SIG_IGN);
        const rlimit small {4096,
                            limit.rlim_max}; // write() fails beyond it as it does on a full disk
        setrlimit(RLIMIT_FSIZE, &small);
        const Error error = errorOf([&] { writeFile(in("full.txt"), std::string(100'000, 'x')); });
        setrlimit(RLIMIT_FSIZE, &limit);
        QVERIFY2(contains(error.what(), "full.txt"), error.what());
        QVERIFY(!error.hint().empty());
        QCOMPARE(readFile(in("full.txt"), 100), std::string("old"));
    }

    void aFolderThatDoesNotExistIsNamed()
    {
        const Error error = errorOf([&] { writeFile(in("nowhere") / "x.txt", "x"); });
        QVERIFY2(contains(error.what(), "nowhere"), error.what());
    }

    void aFolderIsReplacedWholeOrNotAtAll()
    {
        const fs::path folder = in("checkpoint");
        writeFolder(folder, [](const fs::path& inside) { writeFile(inside / "a", "1"); });
        writeFolder(folder, [](const fs::path& inside) { writeFile(inside / "b", "2"); });
        QVERIFY(!fs::exists(folder / "a"));
        QCOMPARE(readFile(folder / "b", 10), std::string("2"));
        const Error error = errorOf([&] {
            writeFolder(folder, [](const fs::path& inside) {
                writeFile(inside / "c", "3");
                throw Error("stopped half way");
            });
        });
        QCOMPARE(std::string(error.what()), std::string("stopped half way"));
        QVERIFY(!fs::exists(folder / "c"));
        QVERIFY(fs::exists(folder / "b"));
    }

    void onlyAnEmptyFolderIsFree()
    {
        QTemporaryDir parent;
        const fs::path folder = fs::path(parent.path().toStdString()) / "out";
        requireFreeFolder(folder); // not there yet
        fs::create_directory(folder);
        requireFreeFolder(folder);
        writeFile(folder / "a", "1");
        for (const fs::path& full : {folder, folder / "a"}) {
            const Error error = errorOf([&] { requireFreeFolder(full); });
            QVERIFY2(QByteArray(error.what()).contains(full.c_str()), error.what());
        }
    }

    void aFolderThatCannotBeReplacedStays()
    {
        // No folder can be moved into itself: the exchange fails, and the rename after it as well.
        const fs::path folder = in("outer") / "inner";
        fs::create_directories(folder);
        writeFile(folder / "kept", "1");
        const Error error = errorOf([&] { detail::commitFolder(in("outer"), folder); });
        QVERIFY2(contains(error.what(), "inner"), error.what());
        QCOMPARE(readFile(folder / "kept", 10), std::string("1"));
        QCOMPARE(std::distance(fs::directory_iterator(in("outer")), fs::directory_iterator()), 1);
    }

    void aMappedFileShowsItsBytes()
    {
        writeFile(in("m.bin"), std::string("ab\0cd", 5));
        const MappedFile file(in("m.bin"));
        QCOMPARE(file.bytes().size(), std::size_t {5});
        QCOMPARE(static_cast<char>(file.bytes()[3]), 'c');
    }

    void whatCannotBeMappedSaysWhy()
    {
        writeFile(in("empty"), "");
        QVERIFY(contains(errorOf([&] { MappedFile file(in("empty")); }).what(), "empty (0 bytes)"));
        QVERIFY(contains(errorOf([&] { MappedFile file(in("")); }).what(), "not a file"));
        QVERIFY(contains(errorOf([&] { MappedFile file(in("absent")); }).what(), "absent"));
    }

    void aFileLargerThanAllowedIsNotRead()
    {
        writeFile(in("large"), std::string(2000, 'x'));
        QVERIFY(contains(errorOf([&] { readFile(in("large"), 1000); }).what(), "2.00 KB"));
    }

    void hashesAreThoseOfTheStandard()
    {
        // FIPS 180-4 examples.
        QCOMPARE(sha256("abc"),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sha256(""),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        writeFile(in("million"), std::string(1'000'000, 'a'));
        QCOMPARE(sha256File(in("million")),
                 std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    }
};

QTEST_APPLESS_MAIN(TestFiles)
#include "tst_files.moc"
