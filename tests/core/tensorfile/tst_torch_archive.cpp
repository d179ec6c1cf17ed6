// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/tensor_file.h"
#include "tests/core/tensorfile/build_pickle.h"

#include <ATen/ATen.h>

#include <filesystem>

using namespace tw;
using namespace std::string_literals;

namespace {

/// True where two tensors have the same type, shape and bytes.
bool isSame(const at::Tensor& a, const at::Tensor& b)
{
    return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes()
        && (a.numel() == 0
            || at::equal(a.contiguous().view(-1).view(at::kByte),
                         b.contiguous().view(-1).view(at::kByte)));
}

Error errorOfFile(const QTemporaryDir& folder, const std::string& bytes)
{
    return errorOf([&] {
        const auto file = openTensorFile(put(folder, "bad.pt", bytes));
        for (const TensorInfo& info : file->tensors())
            (void)file->read(info.name);
    });
}

} // namespace

class TestTorchArchive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTensorIsThatOfTorchLoad_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("expected");
        const QString checkpoint = QStringLiteral("checkpoint.safetensors");
        for (const int protocol : {1, 2, 3, 4, 5})
            QTest::addRow("protocol %d", protocol)
                << QStringLiteral("checkpoint_%1.pt").arg(protocol) << checkpoint;
        QTest::newRow("deflated") << QStringLiteral("deflated.pt") << checkpoint;
        QTest::newRow("training checkpoint")
            << QStringLiteral("training.pt") << QStringLiteral("training.safetensors");
    }
    void everyTensorIsThatOfTorchLoad()
    {
        QFETCH(QString, file);
        QFETCH(QString, expected);
        const auto stored = openTensorFile(fixture(file.toStdString()));
        const auto loaded = openTensorFile(fixture(expected.toStdString()));
        QCOMPARE(stored->tensors().size(), loaded->tensors().size());
        for (const TensorInfo& info : loaded->tensors()) {
            const TensorInfo* const found = stored->find(info.name);
            QVERIFY2(found != nullptr, info.name.c_str());
            QCOMPARE(found->dtype, info.dtype);
            QCOMPARE(found->shape, info.shape);
            QCOMPARE(found->bytes, info.bytes);
            QVERIFY2(isSame(stored->read(info.name), loaded->read(info.name)), info.name.c_str());
        }
    }

    void numbersAndTextsBesideTheTensorsAreTheMetadata()
    {
        const auto file = openTensorFile(fixture("training.pt"));
        const auto& metadata = file->metadata();
        QCOMPARE(metadata.at("epoch"), std::string("7"));
        QCOMPARE(metadata.at("best"), std::string("0.5"));
        QCOMPARE(metadata.at("done"), std::string("false"));
        QCOMPARE(metadata.at("name"), std::string("tiny"));
        QCOMPARE(metadata.at("optimizer.param_groups.0.lr"), std::string("0.125"));
        QVERIFY(!metadata.contains("nothing"));
    }

    void whatIsReadIsNotWrittenThrough()
    {
        QTemporaryDir folder;
        const std::string bytes = zipped(
            {{"m/data.pkl",
              "\x80\x02}" + pickledText("t")
                  + pickledTensor({"FloatStorage", "0", 40'000, 0, {200, 200}, {1, 200}}) + "s."},
             {"m/data/0", std::string(160'000, '\1')}});
        const std::string path = put(folder, "large.pt", bytes);
        at::Tensor mine = openTensorFile(path)->read("t");
        QCOMPARE(mine.strides(), (at::IntArrayRef {1, 200}));
        mine.add_(1);
        QVERIFY(readFile(path, 1 << 20) == bytes);
    }

    void otherCodeIsRefusedByItsName_data()
    {
        QTest::addColumn<QByteArray>("pickle");
        QTest::addColumn<QString>("name");
        const auto row = [](const char* name, const std::string& pickle, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(pickle) << QString::fromLatin1(reason);
        };
        const std::string call = "(" + pickledText("echo") + "tR.";
        row("os.system",
            "\x80\x02"
            "cos\nsystem\n"
                + call,
            "calls os.system");
        row("posix.system in protocol 4", "\x80\x04\x8C\x05posix\x8C\x06system\x93\x8C\x02id\x85R.",
            "calls posix.system");
        row("eval",
            "\x80\x02"
            "cbuiltins\neval\n"
                + call,
            "calls builtins.eval");
        row("an object of protocol 0", "(S'id'\nios\nsystem\n.", "calls os.system");
        row("a class",
            "\x80\x02"
            "cargparse\nNamespace\n)\x81}b.",
            "calls argparse.Namespace");
        row("a function of torch that we do not know",
            "\x80\x02"
            "ctorch._utils\n_import_dotted_name\n"
                + call,
            "calls torch._utils._import_dotted_name");
        row("a name with dots",
            "\x80\x02"
            "ctorch\nserialization.os.system\n"
                + call,
            "calls torch.serialization.os.system");
        row("a type that is none to call",
            "\x80\x02"
            "ctorch\nFloatStorage\n"
                + call,
            "calls torch.FloatStorage");
        row("an extension", "\x80\x02\x82\x01.", "registry of extensions");
    }
    void otherCodeIsRefusedByItsName()
    {
        QFETCH(QByteArray, pickle);
        QFETCH(QString, name);
        QTemporaryDir folder;
        const Error error = errorOfFile(folder, checkpointWith(pickle.toStdString()));
        QVERIFY(explains(error, "bad.pt", name.toStdString()));
    }

    void brokenPicklesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("pickle");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::string& pickle, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(pickle) << QString::fromLatin1(reason);
        };
        row("empty", "", "needs 1 more bytes");
        row("without end", "\x80\x02}", "needs 1 more bytes");
        row("nothing on the stack", "\x80\x02.", "takes more values than there are");
        row("no mark", "\x80\x02Nt.", "takes more values than there are");
        row("a mark as a value", "\x80\x02(\x85.", "takes more values than there are");
        row("protocol 6", "\x80\x06}.", "protocol 6");
        row("unknown instruction", "\x80\x02\xFF.", "the unknown instruction 255");
        row("never stored", "\x80\x02h\x07.", "the value 7, which it never stored");
        row("a text longer than the file", "\x80\x02X" + littleEndian(0xFFFFFFFF, 4) + "a.",
            "needs 4294967295 more bytes");
        row("a text of 2^63 bytes", "\x80\x04\x8D" + littleEndian(1ULL << 63U, 8) + "a.",
            "needs 9223372036854775808 more bytes");
        row("a key without value", "\x80\x02}(Nu.", "a key without a value");
        row("an item of no list", "\x80\x02}Na.", "no list");
        row("a key of no dictionary", "\x80\x02]NNs.", "no dictionary");
        row("attributes of a number", "\x80\x02K\x01}b.", "sets attributes");
        row("a call of a text", "\x80\x02" + pickledText("os.system") + ")R.", "no function");
        row("a list in itself", "\x80\x02]q\0h\0a."s, "contains itself");
        row("a dictionary in itself", "\x80\x02}q\0"s + pickledText("a") + "h\0s."s,
            "\"a\" contains itself");
        row("deep nesting", "\x80\x02" + std::string(100'000, ']') + std::string(99'999, 'a') + ".",
            "nested more than 64 levels");
        std::string laughs = "\x80\x02]q\0"s;
        for (char i = 1; i < 40; ++i)
            laughs += "](h"s + char(i - 1) + "h" + char(i - 1) + "eq" + i;
        row("a billion laughs", laughs + ".", "over and over");
        row("more values than memory", "\x80\x02" + std::string(3'000'000, '}') + ".",
            "far more values");
        row("no tensor", "\x80\x02}.", "holds no tensor");
        row("broken in protocol 0", "S'abc\n.", "a text that is broken");
        row("a number that is none", "Iseven\n.", "a whole number that is none");
    }
    void brokenPicklesAreRefused()
    {
        QFETCH(QByteArray, pickle);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        QVERIFY(explains(errorOfFile(folder, checkpointWith(pickle.toStdString())), "bad.pt",
                         reason.toStdString()));
    }

    void tensorsStayInTheirStorage_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const PickledView& view, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(pickledTensor(view))
                                << QString::fromLatin1(reason);
        };
        row("too long", {"FloatStorage", "0", 4, 0, {5}, {1}}, "reaches beyond the end");
        row("begins too late", {"FloatStorage", "0", 4, 1, {4}, {1}}, "reaches beyond the end");
        row("strides too wide", {"FloatStorage", "0", 4, 0, {2}, {4}}, "reaches beyond the end");
        row("strides that wrap",
            {"FloatStorage", "0", 4, 0, {2, 3, 3}, {0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF}},
            "reaches beyond the end");
        row("a stride below zero", {"FloatStorage", "0", 4, 3, {2}, {0xFFFFFFFF}}, "a stride");
        row("a length below zero", {"FloatStorage", "0", 4, 0, {0xFFFFFFFF}, {1}}, "a length");
        row("more lengths than strides", {"FloatStorage", "0", 4, 0, {2, 2}, {1}},
            "2 dimensions, but 1 strides");
        row("another type", {"DoubleStorage", "0", 4, 0, {4}, {1}}, "16 bytes that should have 4");
        row("no such storage", {"FloatStorage", "1", 4, 0, {4}, {1}}, "\"1\", which is not in");
        row("a storage elsewhere", {"FloatStorage", "../data.pkl", 4, 0, {4}, {1}},
            "which is not in the archive");
        row("an unknown storage", {"Tensor", "0", 4, 0, {4}, {1}}, "torch.Tensor as the storage");
        row("endless repetition", {"FloatStorage", "0", 4, 0, {0x7FFFFFFF, 0x7FFFFFFF}, {0, 0}},
            "repeats stored values");
        row("a shape that wraps",
            {"FloatStorage", "0", 4, 0, {0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF}, {0, 0, 0}},
            "too large for any memory");
    }
    void tensorsStayInTheirStorage()
    {
        QFETCH(QByteArray, value);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        QVERIFY(explains(errorOfFile(folder, checkpointOf(value.toStdString())), "bad.pt",
                         reason.toStdString()));
    }

    void twoTensorsOfOneNameAreRefused()
    {
        QTemporaryDir folder;
        const std::string tensor = pickledTensor({});
        const std::string nested = "}" + pickledText("b") + tensor + "s";
        const std::string both =
            "\x80\x02}" + pickledText("a.b") + tensor + "s" + pickledText("a") + nested + "s.";
        QVERIFY(explains(errorOfFile(folder, checkpointWith(both)), "bad.pt",
                         "two tensors are called \"a.b\""));
    }

    void aDamagedStorageIsNamedWhenItIsRead()
    {
        QTemporaryDir folder;
        ZipPart storage {"m/data/0", std::string(16, '\1'), false, 7, {}, {}, {}, 0, {}};
        const std::string bytes = zipped(
            {{"m/data.pkl", "\x80\x02}" + pickledText("t") + pickledTensor({}) + "s."}, storage});
        QVERIFY(explains(errorOfFile(folder, bytes), "bad.pt",
                         "\"m/data/0\" does not have the checksum"));
    }

    void numbersOfAnotherByteOrderAreRefused()
    {
        QTemporaryDir folder;
        const std::string bytes = zipped({{"m/data.pkl", "\x80\x02}."}, {"m/byteorder", "big"}});
        QVERIFY(explains(errorOfFile(folder, bytes), "bad.pt", "big-endian"));
    }

    void otherArchivesAreNamed()
    {
        QTemporaryDir folder;
        QVERIFY(explains(errorOfFile(folder, zipped({{"m/data.pkl", ""}, {"m/constants.pkl", ""}})),
                         "bad.pt", "a TorchScript program"));
        QVERIFY(explains(errorOfFile(folder, zipped({{"readme.txt", "hello"}})), "bad.pt",
                         "neither a PyTorch checkpoint"));
        std::string tar(512, '\0');
        tar.replace(257, 5, "ustar");
        QVERIFY(explains(errorOfFile(folder, tar), "bad.pt", "before version 1.6"));
    }

    void everyTruncationOfAGoodFileIsRefused()
    {
        QTemporaryDir folder;
        const std::string good = readFile(fixture("training.pt"), 1 << 20);
        for (std::size_t length = 1; length < good.size(); ++length)
            QVERIFY(explains(errorOfFile(folder, good.substr(0, length)), "bad.pt", ""));
    }

    void shardsOfPickledWeightsReadAsOneModel()
    {
        QTemporaryDir folder;
        put(folder, "pytorch_model-00001-of-00002.bin", checkpointOf(pickledTensor({})));
        std::string second = checkpointOf(pickledTensor({}));
        second = zipped({{"m/data.pkl",
                          "\x80\x02}(" + pickledText("u") + pickledTensor({}) + pickledText("t")
                              + pickledTensor({}) + pickledText("v") + pickledTensor({}) + "u."},
                         {"m/data/0", std::string(16, '\1')}});
        put(folder, "pytorch_model-00002-of-00002.bin", second);
        put(folder, "pytorch_model.bin.index.json",
            R"({"weight_map": {"t": "pytorch_model-00001-of-00002.bin",)"
            R"( "u": "pytorch_model-00002-of-00002.bin"}})");
        const auto file = openTensorFile(folder.path().toStdString());
        QCOMPARE(file->tensors().size(), std::size_t {2});
        QCOMPARE(file->read("u").sizes(), (at::IntArrayRef {4}));
        const auto remarks = file->remarks();
        QCOMPARE(remarks.size(), std::size_t {2});
        QVERIFY(remarks[0].find("\"t\" is in pytorch_model-00002-of-00002.bin as well")
                != std::string::npos);
        QVERIFY(remarks[1].find("also holds \"v\"") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestTorchArchive)
#include "tst_torch_archive.moc"
