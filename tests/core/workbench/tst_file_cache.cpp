// SPDX-License-Identifier: Apache-2.0
#include "core/workbench/file_cache.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace tw;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::size_t bytes)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << std::string(bytes, 'x');
}

} // namespace

class TestFileCache : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSizeOfATreeCountsFoldersWithinIt()
    {
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        write(path / "data/metadata.csv", 1);
        write(path / "data/train/cat/0.png", 10);
        write(path / "data/train/dog/1.png", 100);
        QCOMPARE(sizeOfTree(path / "data"), std::uint64_t {111});
        QCOMPARE(sizeOfFiles(path / "data"), std::uint64_t {1});
        QCOMPARE(sizeOfTree(path / "data/train/dog/1.png"), std::uint64_t {100});
    }

    void theSizeOfATreeEntersNoLinkedFolder()
    {
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        write(path / "elsewhere/large.bin", 1000);
        write(path / "data/0.png", 10);
        fs::create_directory_symlink(path / "data", path / "data/again"); // would never end
        fs::create_directory_symlink(path / "elsewhere", path / "data/linked");
        fs::create_symlink(path / "elsewhere/large.bin", path / "data/large.bin");
        QCOMPARE(sizeOfTree(path / "data"), std::uint64_t {1010}); // linked files count
    }

    void theSizeOfATreeEndsAtEightFolders()
    {
        const QTemporaryDir folder;
        fs::path path = folder.path().toStdString();
        for (int depth = 0; depth < 20; ++depth) {
            write(path / "file", 1);
            path /= "inner";
        }
        QCOMPARE(sizeOfTree(folder.path().toStdString()), std::uint64_t {9}); // with its own
    }
};

QTEST_APPLESS_MAIN(TestFileCache)
#include "tst_file_cache.moc"
