// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/zip_archive.h"
#include "tests/core/tensorfile/build_zip.h"

using namespace tw;

namespace {

std::span<const std::byte> bytesOf(const std::string& text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// The text of one entry, unpacked and checked.
std::string contentOf(const ZipArchive& archive, const std::string& name)
{
    std::vector<std::byte> memory;
    const auto bytes = archive.whole(*archive.find(name), memory);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Opens the archive and reads every entry.
Error errorOfArchive(const std::string& file)
{
    return errorOf([&] {
        const ZipArchive archive(bytesOf(file), "bad.zip");
        for (const ZipEntry& entry : archive.entries())
            contentOf(archive, entry.name);
    });
}

} // namespace

class TestZip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void storedAndDeflatedEntriesComeBack()
    {
        const std::string large(100'000, 'x');
        const std::string file =
            zipped({{"a/one", "first"}, {"a/two", large, true}, {"none", "", true}});
        const ZipArchive archive(bytesOf(file), "good.zip");
        QCOMPARE(archive.entries().size(), std::size_t {3});
        QCOMPARE(contentOf(archive, "a/one"), std::string("first"));
        QCOMPARE(contentOf(archive, "a/two"), large);
        QCOMPARE(contentOf(archive, "none"), std::string());
        QVERIFY(archive.find("three") == nullptr);
        std::vector<std::byte> start(10); // a part, without the rest
        archive.unpack(*archive.find("a/two"), start);
        QCOMPARE(std::to_integer<char>(start[9]), 'x');
    }

    void aCommentBehindTheDirectoryIsPassedOver()
    {
        std::string file = zipped({{"one", "first"}});
        file.replace(file.size() - 2, 2, littleEndian(7, 2) + "comment");
        QCOMPARE(contentOf(ZipArchive(bytesOf(file), "good.zip"), "one"), std::string("first"));
    }

    void damagedArchivesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::vector<ZipPart>& parts,
                            const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(zipped(parts))
                                << QString::fromLatin1(reason);
        };
        const auto with = [](auto change) {
            ZipPart part {"entry", "some bytes", false, {}, {}, {}, {}, 0, {}};
            change(part);
            return part;
        };
        row("twice", {{"a", "1"}, {"a", "2"}}, "\"a\" is there twice");
        row("above the folder", {{"../a", "1"}}, "\"../a\" has a name that leads out");
        row("hidden above the folder", {{"x/../../a", "1"}}, "leads out of its folder");
        row("absolute", {{"/etc/passwd", "1"}}, "leads out of its folder");
        row("for Windows", {{"..\\a", "1"}}, "leads out of its folder");
        row("without a name", {{"", "1"}}, "leads out of its folder");
        row("wrong checksum", {with([](auto& p) { p.crc = 1; })},
            "\"entry\" does not have the checksum");
        row("wrong checksum, packed", {with([](auto& p) { p.crc = 1, p.isDeflated = true; })},
            "\"entry\" does not have the checksum");
        row("longer than the archive", {with([](auto& p) { p.size = 1000; })},
            "\"entry\" needs 1000 bytes");
        row("packed, longer than it unpacks to",
            {with([](auto& p) { p.size = 1000, p.isDeflated = true; })},
            "\"entry\" cannot be unpacked to the 1000 bytes");
        row("packed, shorter than it unpacks to",
            {with([](auto& p) { p.size = 3, p.isDeflated = true; })},
            "\"entry\" cannot be unpacked to the 3 bytes");
        row("a bomb", {with([](auto& p) { p.size = 4'000'000'000, p.isDeflated = true; })},
            "\"entry\" unpacks to 4.00 GB");
        row("the same bytes twice",
            {{"a", "1"},
             with([](auto& p) { p.name = "b", p.bytes = "1", p.localName = "a", p.header = 0; })},
            "\"b\" is called or packed otherwise");
        row("beginning elsewhere", {with([](auto& p) { p.header = 5; })},
            "\"entry\" is said to begin at byte 5");
        row("beginning behind the end", {with([](auto& p) { p.header = 4'000'000'000; })},
            "\"entry\" is said to begin at byte 4000000000");
        row("another name in front", {with([](auto& p) { p.localName = "other"; })},
            "\"entry\" is called or packed otherwise");
        row("encrypted", {with([](auto& p) { p.flags = 1; })}, "\"entry\" is encrypted");
        row("another method", {with([](auto& p) { p.method = 12; })}, "packed by method 12");
        row("no deflate at all", {with([](auto& p) { p.method = 8; })},
            "\"entry\" cannot be unpacked");
    }
    void damagedArchivesAreRefused()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, reason);
        QVERIFY(explains(errorOfArchive(file.toStdString()), "bad.zip", reason.toStdString()));
    }

    void entriesThatOverlapAreRefused()
    {
        // The second header stands inside the bytes of the first entry, and is a good one itself.
        const std::string inner = zipped({{"b", "inner bytes"}});
        const std::size_t innerEntry = inner.find("PK\x01\x02");
        const std::string first = inner.substr(0, innerEntry);
        std::string file = zipped({{"a", first}, {"b", "inner bytes"}});
        const std::size_t entry = file.rfind("PK\x01\x02");
        file.replace(entry + 42, 4, littleEndian(31, 4)); // 30 bytes of header and the name "a"
        QVERIFY(explains(errorOfArchive(file), "bad.zip", "\"b\" overlaps \"a\""));
    }

    void everyTruncationOfAGoodArchiveIsRefused()
    {
        const std::string good =
            zipped({{"a/one", "first"}, {"a/two", std::string(500, 'x'), true}});
        for (std::size_t length = 0; length < good.size(); ++length)
            QVERIFY(explains(errorOfArchive(good.substr(0, length)), "bad.zip", ""));
    }

    void manySmallBombsAreRefusedTogether()
    {
        std::vector<ZipPart> parts;
        for (int i = 0; i < 2000; ++i)
            parts.push_back({std::to_string(i), "x", true, {}, 30'000'000, {}, {}, 0, {}});
        QVERIFY(explains(errorOfArchive(zipped(parts)), "bad.zip", "this may be a zip bomb"));
    }
};

QTEST_APPLESS_MAIN(TestZip)
#include "tst_zip.moc"
