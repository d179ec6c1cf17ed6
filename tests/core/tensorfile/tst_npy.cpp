// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/tensor_file.h"
#include "tests/core/tensorfile/build_zip.h"

#include <ATen/ATen.h>

using namespace tw;

namespace {

std::string npy(const std::string& header, std::size_t dataBytes, int major = 1)
{
    return "\x93NUMPY" + littleEndian(static_cast<std::uint64_t>(major), 2)
        + littleEndian(header.size(), major == 1 ? 2 : 4) + header + std::string(dataBytes, '\1');
}

std::string header(const std::string& descr, const std::string& shape)
{
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

} // namespace

class TestNpy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyArrayOfAnArchiveIsThatOfNumpyLoad_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("stored") << QStringLiteral("arrays.npz");
        QTest::newRow("deflated") << QStringLiteral("packed.npz");
    }
    void everyArrayOfAnArchiveIsThatOfNumpyLoad()
    {
        QFETCH(QString, file);
        const auto stored = openTensorFile(fixture(file.toStdString()));
        const auto expected = openTensorFile(fixture("arrays.safetensors"));
        QCOMPARE(stored->tensors().size(), expected->tensors().size() + 1); // with complex128
        for (const TensorInfo& info : expected->tensors()) {
            QVERIFY2(stored->find(info.name) != nullptr, info.name.c_str());
            QCOMPARE(stored->find(info.name)->dtype, info.dtype);
            QCOMPARE(stored->find(info.name)->shape, info.shape);
            QVERIFY2(at::equal(stored->read(info.name), expected->read(info.name)),
                     info.name.c_str());
        }
        QVERIFY(at::equal(stored->read("c16"), expected->read("c8").to(at::kComplexDouble)));
    }

    void oneArrayAloneIsCalledLikeItsFile_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("expected");
        for (const char* const name : {"f4", "fortran", "big_f8", "scalar"})
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(name);
        QTest::newRow("version 2") << QStringLiteral("v2") << QStringLiteral("fortran");
        QTest::newRow("version 3") << QStringLiteral("v3") << QStringLiteral("fortran");
    }
    void oneArrayAloneIsCalledLikeItsFile()
    {
        QFETCH(QString, name);
        QFETCH(QString, expected);
        const auto file = openTensorFile(fixture("arrays/" + name.toStdString() + ".npy"));
        QCOMPARE(file->tensors().size(), std::size_t {1});
        QVERIFY(
            at::equal(file->read(name.toStdString()),
                      openTensorFile(fixture("arrays.safetensors"))->read(expected.toStdString())));
    }

    void damagedHeadersAreRefused_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::string& file, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(file) << QString::fromLatin1(reason);
        };
        row("objects", npy(header("|O", "(2,)"), 16), "holds Python objects");
        row("texts", npy(header("<U3", "(2,)"), 24), "holds texts");
        row("dates", npy(header("<M8[s]", "(2,)"), 16), "holds dates");
        row("raw bytes", npy(header("|V2", "(2,)"), 4), "raw bytes of an unknown meaning");
        row("long doubles", npy(header("<f16", "(2,)"), 32), "the number format \"<f16\"");
        row("records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4),
            "records of several fields");
        row("no descr", npy("{'fortran_order': False, 'shape': (1,), }", 4), "lacks one of");
        row("shape twice",
            npy("{'descr': '<f4', 'shape': (1,), 'shape': (1,), 'fortran_order': False}", 4),
            "has \"shape\" twice");
        row("another key", npy("{'descr': '<f4', 'code': 1, }", 4), "the unknown key \"code\"");
        row("code as shape", npy(header("<f4", "(__import__('os').system('id'),)"), 4),
            "a length that is no whole number");
        row("negative length", npy(header("<f4", "(-1,)"), 4), "a length");
        row("shape wraps", npy(header("<f4", "(4294967296, 4294967296)"), 4),
            "more bytes than any memory");
        row("length of 64 bits", npy(header("<f4", "(99999999999999999999,)"), 4), "too large");
        row("65 dimensions",
            npy(header(
                    "<f4",
                    "(" +
                        [] {
                            std::string ones;
                            for (int i = 0; i < 65; ++i)
                                ones += "1,";
                            return ones;
                        }()
                        + ")"),
                4),
            "more than 64 dimensions");
        row("too few numbers", npy(header("<f4", "(4,)"), 15), "should have 16 bytes");
        row("too many numbers", npy(header("<f4", "(4,)"), 17), "should have 16 bytes");
        row("something behind the header", npy(header("<f4", "(1,)") + "x", 4), "behind its end");
        row("no dictionary", npy("[1, 2]", 4), "lacks a \"{\"");
        row("text without end", npy("{'descr", 4), "a text without end");
        row("neither True nor False",
            npy("{'descr': '<f4', 'fortran_order': None, 'shape': (1,)}", 4),
            "neither True nor False");
        row("version 4", npy(header("<f4", "(1,)"), 4, 4), "of version 4");
        row("header longer than the file",
            "\x93NUMPY" + littleEndian(2, 2) + littleEndian(0xFFFFFFFF, 4) + "{}",
            "says it is 4294967295 bytes long");
        row("cut short", "\x93NUMPY\x01", "too short");
    }
    void damagedHeadersAreRefused()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        const std::string bytes = file.toStdString();
        QVERIFY(explains(errorOf([&] { openTensorFile(put(folder, "bad.npy", bytes)); }), "bad.npy",
                         reason.toStdString()));
        const std::string archive = zipped({{"x.npy", bytes}});
        QVERIFY(explains(errorOf([&] { openTensorFile(put(folder, "bad.npz", archive)); }),
                         "bad.npz: \"x.npy\"", reason.toStdString()));
    }

    void everyTruncationOfAGoodFileIsRefused()
    {
        QTemporaryDir folder;
        for (const std::string name : {"arrays/fortran.npy", "packed.npz"}) {
            const std::string good = readFile(fixture(name), 1 << 20);
            for (std::size_t length = 1; length < good.size(); ++length) {
                const std::string path = put(folder, "bad.npy", good.substr(0, length));
                QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path, ""));
            }
        }
    }

    void anArchiveWithSomethingElseIsRefused()
    {
        QTemporaryDir folder;
        const std::string archive =
            zipped({{"x.npy", npy(header("<f4", "(1,)"), 4)}, {"run.py", "import os"}});
        const std::string path = put(folder, "bad.npz", archive);
        QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path,
                         "\"run.py\" is no array of NumPy"));
    }
};

QTEST_APPLESS_MAIN(TestNpy)
#include "tst_npy.moc"
