// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/row_layout.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <fstream>

using namespace tw;

namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::string>;

fs::path fixture(const char* name)
{
    return fs::path(TW_FIXTURES "/data") / name;
}

std::string failureOf(const fs::path& path)
{
    try {
        const auto data = openDataset(path);
        for (std::int64_t i = 0; i < data->rowCount(); ++i)
            data->row(i);
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return {};
}

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

void write(const fs::path& path, const std::string& bytes)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

/// The first bytes of a PNG of 8 x 8 pixels.
const std::string kPng("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08", 24);

bool canReadArrow()
{
    return isForeignDataset(fixture("talks.parquet"));
}

void checkTalks(const char* name, const char* format)
{
    const auto talks = openDataset(fixture(name));
    QCOMPARE(talks->format(), std::string(format));
    QCOMPARE(
        talks->columns(),
        (Row {"messages", "score", "count", "good", "kind", "day", "picture", "tags", "extra"}));
    QCOMPARE(talks->rowCount(), 5);
    QCOMPARE(
        talks->row(1),
        (Row {R"([{"role":"user","content":"Größe 1?"},{"role":"assistant","content":"1 m 🙂"}])",
              "1.0", "4611686018427387904", "false", "b", "2025-02-09", "", "[]",
              R"({"a":1,"b":[1]})"}));
    QCOMPARE(talks->row(3)[0],
             std::string(
                 R"([{"role":"user","content":"Größe 3?"},{"role":"assistant","content":null}])"));
    QCOMPARE(talks->row(3)[7], std::string(R"(["y",null])"));
    QCOMPARE(talks->row(0)[6], std::string("2 bytes"));
    QCOMPARE(talks->row(2)[1], std::string());
    QCOMPARE(talks->row(4)[2], std::string("5"));
    QVERIFY(guessRoles(*talks).at("messages") == Role::Messages);
    QVERIFY_THROWS_EXCEPTION(Error, talks->row(5));
    QVERIFY_THROWS_EXCEPTION(Error, talks->row(-1));
}

} // namespace

class TestForeignFormats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->path().toStdString();
    }

    void parquetAndArrowGiveTheRowsThatWereWritten_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("format");
        QTest::newRow("Parquet") << QByteArray("talks.parquet")
                                 << QByteArray("Parquet, row groups: 3");
        QTest::newRow("Arrow, compressed")
            << QByteArray("talks.feather") << QByteArray("Arrow file");
    }
    void parquetAndArrowGiveTheRowsThatWereWritten()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, format);
        if (!canReadArrow())
            QSKIP("This build reads no Parquet.");
        checkTalks(name.constData(), format.constData());
    }

    /// 400 MB of text once each row has its own.
    void aPromptInEveryRowOfParquetIsKeptOnce()
    {
        if (!canReadArrow())
            QSKIP("This build reads no Parquet.");
        const auto rows = openDataset(fixture("one_prompt.parquet"));
        QCOMPARE(rows->rowCount(), 200'000);
        std::string prompt;
        for (int i = 0; i < 20; ++i)
            prompt += "You answer kindly, briefly and in whole sentences. ";
        const Row last = rows->row(199'999);
        QCOMPARE(last.at(0), prompt);
        QVERIFY(last.at(1).find(prompt) != std::string::npos);
        QCOMPARE(last.at(2), std::string("199"));
    }

    void rowsThatHoldNothingAreNotCountedForEver()
    {
        if (!canReadArrow())
            QSKIP("This build reads no Arrow.");
        const std::string failure = failureOf(fixture("nothing.arrow"));
        QVERIFY2(contains(failure, "1,000,000,000 rows"), failure.c_str());
    }

    void aLongTextInTheFooterOfParquetIsRead()
    {
        if (!canReadArrow())
            QSKIP("This build reads no Parquet.");
        std::string file = readFile(fixture("pairs.parquet"), 1'000'000);
        const std::string writer = "parquet-cpp-arrow version 21.0.0";
        const std::size_t at = file.rfind(writer);
        QVERIFY(at != std::string::npos && file[at - 1] == static_cast<char>(writer.size()));
        const std::size_t before = file.size();
        // Its length, 1,500,000, in Thrift's groups of seven bits.
        file.replace(at - 1, 1 + writer.size(),
                     "\xE0\xC6\x5B" + writer + std::string(1'500'000 - writer.size(), ' '));
        std::uint32_t footer = 0;
        std::memcpy(&footer, &file[file.size() - 8], sizeof footer);
        footer += static_cast<std::uint32_t>(file.size() - before);
        std::memcpy(&file[file.size() - 8], &footer, sizeof footer);
        const fs::path path = m_path / "long.parquet";
        write(path, file);
        QCOMPARE(openDataset(path)->row(2), (Row {"text 2", "0"}));
    }

    void savedDataSetsOpenAsTheirFolders()
    {
        if (!canReadArrow())
            QSKIP("This build reads no Arrow.");
        const auto saved = openDataset(fixture("saved"));
        QCOMPARE(saved->format(), std::string("saved data set, Arrow files: 2"));
        QCOMPARE(saved->rowCount(), 5);
        for (std::int64_t i = 0; i < 5; ++i)
            QCOMPARE(saved->row(i), (Row {"text " + std::to_string(i), std::to_string(i % 2)}));
        const auto parts = openDataset(fixture("parts"));
        QCOMPARE(parts->rowCount(), 2); // train, although test is named first
        QCOMPARE(parts->problems().size(), std::size_t {1});
        QVERIFY(contains(parts->problems()[0].what, "test, train"));
        QCOMPARE(openDataset(fixture("pairs.arrow"))->format(), std::string("Arrow stream"));
        QCOMPARE(openDataset(fixture("pairs.parquet"))->row(2), (Row {"text 2", "0"}));
    }

    /// Every file cut short and with bytes changed: an error or rows, never a crash.
    void damagedFilesAreErrors_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"talks.parquet", "pairs.parquet", "talks.feather", "pairs.arrow",
                                 "one.zip", "t3-images-idx3-ubyte"})
            QTest::newRow(name) << QByteArray(name);
    }
    void damagedFilesAreErrors()
    {
        QFETCH(QByteArray, name);
        const std::string whole = readFile(fixture(name.constData()), 1'000'000);
        const fs::path path = m_path / name.toStdString();
        int errors = 0;
        const std::size_t stride = whole.size() / 40 + 1;
        for (std::size_t i = 1; i < whole.size(); i += stride) {
            write(path, whole.substr(0, i));
            errors += failureOf(path).empty() ? 0 : 1;
            std::string changed = whole;
            changed[i] = static_cast<char>(changed[i] ^ 0xFF);
            write(path, changed);
            failureOf(path);
        }
        QVERIFY(errors > 0);
    }

    void savedDataSetsNameOnlyTheirOwnFiles()
    {
        if (!canReadArrow())
            QSKIP("This build reads no Arrow.");
        write(m_path / "state.json", R"({"_data_files": [{"filename": "../secret.arrow"}]})");
        QVERIFY(contains(failureOf(m_path), "outside its folder"));
        write(m_path / "state.json", R"({"_data_files": []})");
        QVERIFY(contains(failureOf(m_path), "names no data files"));
    }

    void oneFileOfRowsInAZipOpens()
    {
        const auto rows = openDataset(fixture("one.zip"));
        QCOMPARE(rows->columns(), (Row {"prompt", "answer"}));
        QCOMPARE(rows->row(1), (Row {"ä", "ö"}));
    }

    void otherArchivesAreRefusedWithAdvice_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("two files") << QByteArray("two.zip") << QByteArray("a.csv, b.jsonl");
        QTest::newRow("workbook") << QByteArray("book.xlsx") << QByteArray("an Excel workbook");
        QTest::newRow("bomb") << QByteArray("bomb.zip") << QByteArray("would unpack to 3.90 GB");
    }
    void otherArchivesAreRefusedWithAdvice()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, says);
        const std::string failure = failureOf(fixture(name.constData()));
        QVERIFY2(contains(failure, says.constData()), failure.c_str());
    }

    void idxImagesComeWithTheLabelsBesideThem()
    {
        const auto images = openDataset(fixture("t3-images-idx3-ubyte"));
        QCOMPARE(images->columns(), (Row {"image", "label"}));
        QCOMPARE(images->format(), std::string("IDX, values of 2 x 2"));
        QCOMPARE(images->rowCount(), 3);
        QCOMPARE(images->row(2)[1], std::string("9"));
        QVERIFY(images->row(1)[0].ends_with("t3-images-idx3-ubyte#1"));
        QCOMPARE(openDataset(fixture("t3-labels-idx1-ubyte"))->row(0), (Row {"7"}));
        // Sizes whose product overflows.
        write(m_path / "bad", std::string("\0\0\x08\x03", 4) + std::string(12, '\xFF'));
        QVERIFY(contains(failureOf(m_path / "bad"), "cut short"));
    }

    void foldersOfClassesAreRows()
    {
        for (const char* name : {"train/cat/1.png", "train/dog/2.JPG", "test/cat/3.webp",
                                 "train/cat/notes.txt", "train/.hidden.png"})
            write(m_path / name, "x");
        const auto images = openDataset(m_path);
        QCOMPARE(images->format(), std::string("folder of images"));
        QCOMPARE(images->columns(), (Row {"image", "label", "split"}));
        QCOMPARE(images->rowCount(), 3);
        QCOMPARE(images->row(0), (Row {(m_path / "test/cat/3.webp").string(), "cat", "test"}));
        QCOMPARE(images->row(2), (Row {(m_path / "train/dog/2.JPG").string(), "dog", "train"}));
    }

    void metadataSaysMoreAboutEachFile()
    {
        write(m_path / "a.wav", "x");
        write(m_path / "b.wav", "x");
        write(m_path / "metadata.csv", "file_name,text\na.wav,hello\nc.wav,lost\n");
        const auto sounds = openDataset(m_path);
        QCOMPARE(sounds->columns(), (Row {"audio", "text"}));
        QCOMPARE(sounds->rowCount(), 1);
        QCOMPARE(sounds->row(0), (Row {(m_path / "a.wav").string(), "hello"}));
        QCOMPARE(sounds->problems().size(), std::size_t {2}); // b has no row, c no file
    }

    void picturesAndSoundsAreReadWithTheirTexts()
    {
        write(m_path / "pictures/0.png", kPng);
        write(m_path / "pictures/metadata.jsonl", R"({"file_name": "0.png", "text": "a cat"})");
        write(m_path / "sounds/0.wav", "x");
        write(m_path / "sounds/metadata.csv", "file_name,transcription\n0.wav,hello\n");
        const auto pictures = openDataset(m_path / "pictures");
        const ColumnRoles seen = guessRoles(*pictures);
        QVERIFY((seen == ColumnRoles {{"image", Role::Image}, {"text", Role::Text}}));
        QVERIFY(recogniseLayout(*pictures, seen) == RowLayout::Captions);
        const auto sounds = openDataset(m_path / "sounds");
        const ColumnRoles heard = guessRoles(*sounds);
        QVERIFY((heard == ColumnRoles {{"audio", Role::Audio}, {"transcription", Role::Text}}));
        QVERIFY(recogniseLayout(*sounds, heard) == RowLayout::Transcripts);
    }

    void picturesThatAreNoneAreNamed_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<QByteArray>("says"); // none: nothing is said
        const QByteArray png = QByteArray::fromStdString(kPng);
        const QByteArray gif("GIF89a\xFF\xFF\xFF\xFF", 10);
        QTest::newRow("text") << QByteArray("nopng") << QByteArray("is no picture");
        QTest::newRow("empty") << QByteArray() << QByteArray("it is empty");
        QTest::newRow("RIFF, but a sound")
            << QByteArray("RIFF\0\0\0\0WAVE", 12) << QByteArray("is no picture");
        QTest::newRow("RIFF, cut short") << QByteArray("RIFF") << QByteArray("is no picture");
        QTest::newRow("too many pixels")
            << png.left(16) + QByteArray("\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF", 8)
            << QByteArray("2147483647 x 2147483647 pixels");
        QTest::newRow("too many pixels in a GIF") << gif << QByteArray("65535 x 65535 pixels");
        QTest::newRow("PNG") << png << QByteArray();
        QTest::newRow("PNG, cut short") << png.left(12) << QByteArray();
        QTest::newRow("JPEG") << QByteArray("\xFF\xD8\xFF\xE0") << QByteArray();
        QTest::newRow("WebP") << QByteArray("RIFF\0\0\0\0WEBPVP8 ", 16) << QByteArray();
        QTest::newRow("PPM") << QByteArray("P6 1 1 255\n") << QByteArray();
    }
    void picturesThatAreNoneAreNamed()
    {
        QFETCH(QByteArray, head);
        QFETCH(QByteArray, says);
        write(m_path / "a/0.png", kPng);
        write(m_path / "b/1.png", head.toStdString());
        const auto pictures = openDataset(m_path);
        QCOMPARE(pictures->rowCount(), 2);
        const Problems& problems = pictures->problems();
        QCOMPARE(problems.size(), says.isEmpty() ? std::size_t {0} : std::size_t {1});
        for (const Problem& problem : problems) {
            QVERIFY(problem.isWarning);
            QVERIFY2(contains(problem.what, "b/1.png"), problem.what.c_str());
            QVERIFY2(contains(problem.what, says.constData()), problem.what.c_str());
        }
    }

    void onlyTwoHundredPicturesAreLookedAt()
    {
        for (int i = 0; i < 400; ++i)
            write(m_path / ("a/" + std::to_string(1000 + i) + ".png"), i % 2 == 0 ? kPng : "x");
        QVERIFY(openDataset(m_path)->problems().empty()); // every second one, from the first
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_path;
};

QTEST_APPLESS_MAIN(TestForeignFormats)
#include "tst_foreign_formats.moc"
