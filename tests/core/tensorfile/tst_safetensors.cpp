// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/safetensors_header.h"
#include "core/tensorfile/tensor_file.h"
#include "tests/core/tensorfile/build_file.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <unistd.h>

using namespace tw;

namespace {

namespace fs = std::filesystem;

std::string safetensors(const std::string& header, std::size_t dataBytes)
{
    return littleEndian(header.size(), 8) + header + std::string(dataBytes, '\1');
}

constexpr const char* kIndex =
    R"({"metadata": {"total_size": 24}, "weight_map": {"z": "%1", "half": "b.safetensors"}})";

void writeShards(const QTemporaryDir& folder, const std::string& firstShard)
{
    const fs::path root = folder.path().toStdString();
    writeSafetensors(root / "a.safetensors", {{"z", at::arange(6, at::kFloat).view({2, 3})}}, {});
    writeSafetensors(root / "b.safetensors", {{"half", at::ones({2}, at::kHalf)}},
                     {{"format", "pt"}});
    const QString index = QString::fromLatin1(kIndex).arg(QString::fromStdString(firstShard));
    put(folder, "model.safetensors.index.json", index.toStdString());
}

} // namespace

class TestSafetensors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenHasTheReferencesBytes()
    {
        const auto file = openTensorFile(fixture("reference.safetensors"));
        NamedTensorList tensors;
        for (const TensorInfo& info : file->tensors())
            tensors.insert(tensors.begin(), {info.name, file->read(info.name)}); // any order
        QCOMPARE(tensors.size(), std::size_t {14});
        QTemporaryDir folder;
        const fs::path copy = folder.filePath(QStringLiteral("copy.safetensors")).toStdString();
        writeSafetensors(copy, tensors, file->metadata());
        QVERIFY(readFile(copy, 1 << 20) == readFile(fixture("reference.safetensors"), 1 << 20));
    }

    void shapesTypesAndValuesComeBack()
    {
        const auto file = openTensorFile(fixture("reference.safetensors"));
        QCOMPARE(file->metadata().at("format"), std::string("pt"));
        QCOMPARE(file->find("ü.weight")->shape, (std::vector<std::int64_t> {3, 1}));
        QCOMPARE(file->find("ü.weight")->dtype, std::string("BF16"));
        QVERIFY(file->find("nothing") == nullptr);
        QCOMPARE(file->read("scalar").item<float>(), 2.5F);
        QCOMPARE(file->read("long").scalar_type(), at::kLong);
        QVERIFY(at::equal(file->read("long"), at::arange(3) - 1));
        QVERIFY(at::equal(file->read("flags"), at::tensor({1, 0, 1}).to(at::kBool)));
        QCOMPARE(file->readFloat("half").scalar_type(), at::kFloat);
        QCOMPARE(file->read("empty").sizes(), (at::IntArrayRef {0, 4}));
    }

    void aTensorOutlivesItsFileAndIsNotWrittenThrough()
    {
        QTemporaryDir folder;
        const fs::path path = folder.filePath(QStringLiteral("large.safetensors")).toStdString();
        const at::Tensor original =
            at::arange(100'000, at::kFloat); // large enough to be mapped rather than copied
        writeSafetensors(path, {{"x", original}}, {});
        const std::string before = readFile(path, 1 << 20);
        auto file = openTensorFile(path);
        at::Tensor mine = file->read("x");
        const at::Tensor other = file->read("x");
        file.reset();
        mine.add_(1);
        QVERIFY(at::equal(mine, original + 1));
        QVERIFY(at::equal(other, original));
        QVERIFY(readFile(path, 1 << 20) == before);
    }

    void aTensorAtAnOddPlaceIsReadAllTheSame()
    {
        QTemporaryDir folder;
        const std::string header =
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
            R"("x":{"dtype":"F32","shape":[20000],"data_offsets":[1,80001]}})";
        const std::string path = put(folder, "odd.safetensors", safetensors(header, 80'001));
        const at::Tensor x = openTensorFile(path)->read("x");
        QCOMPARE(reinterpret_cast<std::uintptr_t>(x.data_ptr()) % 4, std::uintptr_t {0});
        QVERIFY(at::equal(x.view(at::kInt), at::full({20000}, 0x01010101, at::kInt)));
    }

    void shardsReadAsOneModel()
    {
        QTemporaryDir folder;
        writeShards(folder, "a.safetensors");
        const auto file = openTensorFile(folder.path().toStdString());
        QCOMPARE(file->tensors().size(), std::size_t {2});
        QCOMPARE(file->metadata().at("format"), std::string("pt"));
        QVERIFY(at::equal(file->read("z"), at::arange(6, at::kFloat).view({2, 3})));
        QVERIFY(at::equal(file->read("half"), at::ones({2}, at::kHalf)));
    }

    void shardsStayInsideTheFolder_data()
    {
        QTest::addColumn<QString>("shard");
        QTest::newRow("parent") << "../a.safetensors";
        QTest::newRow("hidden parent") << "x/../../a.safetensors";
        QTest::newRow("absolute") << "/etc/passwd";
        QTest::newRow("empty") << "";
    }
    void shardsStayInsideTheFolder()
    {
        QFETCH(QString, shard);
        QTemporaryDir folder;
        writeShards(folder, shard.toStdString());
        const Error error = errorOf([&] { openTensorFile(folder.path().toStdString()); });
        QVERIFY(explains(error, "model.safetensors.index.json", "outside the model's folder"));
    }

    void aMissingShardAndAMovedTensorAreNamed()
    {
        QTemporaryDir folder;
        writeShards(folder, "c.safetensors");
        QVERIFY(explains(errorOf([&] { openTensorFile(folder.path().toStdString()); }),
                         "index.json", "the shard c.safetensors is missing"));
        writeShards(folder, "b.safetensors");
        QVERIFY(explains(errorOf([&] { openTensorFile(folder.path().toStdString()); }),
                         "index.json", "\"z\" is not in b.safetensors"));
    }

    void damagedHeadersAreRefused_data()
    {
        QTest::addColumn<QString>("header");
        QTest::addColumn<int>("dataBytes");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const char* header, int bytes, const char* reason) {
            QTest::newRow(name) << QString::fromLatin1(header) << bytes
                                << QString::fromLatin1(reason);
        };
        row("hole",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})",
            5, "there is a hole");
        row("hole at the start", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3,
            "there is a hole");
        row("overlap",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
            3, "they overlap");
        row("the same bytes twice",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
            2, "they overlap");
        row("trailing bytes", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 3,
            "1 bytes behind the last tensor");
        row("too few bytes", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", 1,
            "the file has 1");
        row("offsets reversed", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}})", 2,
            "ends before it begins");
        row("one offset", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2]}})", 2,
            "two data_offsets");
        row("three offsets", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}})", 2,
            "more than two data_offsets");
        row("size does not fit the shape",
            R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,2]}})", 2, "need 8");
        row("unknown dtype", R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,2]}})", 2,
            "the dtype \"F33\"");
        row("shape overflows",
            R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
            "too large for any memory");
        row("bytes overflow",
            R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0,
            "too large for any memory");
        row("overflow beside a zero",
            R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})", 0,
            "too large for any memory");
        row("dimension above 63 bits",
            R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,2]}})", 2,
            "a dimension of 9223372036854775808");
        row("negative dimension", R"({"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}})", 2,
            "a negative number");
        row("fractional offset", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2.0]}})", 2,
            "a fraction");
        row("the same name twice",
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
            4, "\"a\" appears twice");
        row("the same field twice",
            R"({"a":{"dtype":"U8","dtype":"I8","shape":[2],"data_offsets":[0,2]}})", 2,
            "has \"dtype\" twice");
        row("no shape", R"({"a":{"dtype":"U8","data_offsets":[0,2]}})", 2, "no \"shape\"");
        row("metadata is not text", R"({"__metadata__":{"format":1}})", 0,
            "a number where none belongs");
        row("a shape among the metadata", R"({"__metadata__":{"shape":[8]}})", 0,
            "a list where none belongs");
        row("nested", R"({"a":{"dtype":"U8","shape":[[2]],"data_offsets":[0,2]}})", 2,
            "a list where none belongs");
        row("no JSON", R"({"a")", 2, "not valid JSON at line 1, column 5");
        row("something behind the JSON", R"({} {})", 0, "not valid JSON");
        row("a list", R"([])", 0, "no JSON object");
        row("empty header", "", 4, "no JSON object");
    }
    void damagedHeadersAreRefused()
    {
        QFETCH(QString, header);
        QFETCH(int, dataBytes);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        const std::string path =
            put(folder, "bad.safetensors",
                safetensors(header.toStdString(), static_cast<std::size_t>(dataBytes)));
        QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path, reason.toStdString()));
    }

    void lengthsAreCheckedBeforeAnythingIsAllocated()
    {
        QTemporaryDir folder;
        const auto open = [&](const std::string& bytes) {
            return errorOf([&] { openTensorFile(put(folder, "bad.safetensors", bytes)); });
        };
        QVERIFY(explains(open(littleEndian(200'000'000, 8) + "{}"), "bad.safetensors",
                         "at most 100 MB"));
        QVERIFY(explains(open(littleEndian(~0ULL >> 9U, 8) + "{}"), "bad.safetensors",
                         "at most 100 MB"));
        QVERIFY(
            explains(open(littleEndian(3, 8) + "{}"), "bad.safetensors", "the file has only 10"));
        QVERIFY(explains(open("abc"), "bad.safetensors", "3 bytes are too few"));
        QVERIFY(explains(open(""), "bad.safetensors", "empty (0 bytes)"));
    }

    void everyTruncationOfAGoodFileIsRefused()
    {
        const std::string good = readFile(fixture("reference.safetensors"), 1 << 20);
        for (std::size_t length = 0; length < good.size(); ++length) {
            const auto bytes = std::as_bytes(std::span(good.data(), length));
            const Error error = errorOf([&] { readSafetensorsHeader(bytes, "cut.safetensors"); });
            QVERIFY2(explains(error, "cut.safetensors", ""), error.what());
        }
    }

    void strangersAreNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        QTest::newRow("PyTorch zip")
            << QByteArray("PK\x03\x04 and so on") << "no directory at its end";
        QTest::newRow("PyTorch before its zip files")
            << QByteArray("\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19 and so on")
            << "PyTorch checkpoint";
        QTest::newRow("a pickle cut short") << QByteArray("\x80\x02}q") << "PyTorch checkpoint";
        QTest::newRow("Git LFS") << QByteArray("version https://git-lfs.github.com/spec/v1")
                                 << "pointer of Git LFS";
        QTest::newRow("web page") << QByteArray("<!DOCTYPE html><html></html>") << "a web page";
        QTest::newRow("other JSON")
            << QByteArray("{\"model_type\": \"llama\"}") << "no \"weight_map\"";
        QTest::newRow("plain text")
            << QByteArray("hello, this is no model") << "no PyTorch checkpoint";
    }
    void strangersAreNamed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        const std::string path = put(folder, "thing.bin", bytes.toStdString());
        QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path, reason.toStdString()));
    }

    void aHeaderOfAnyLengthIsRead_data()
    {
        QTest::addColumn<int>("length");
        QTest::newRow("640 bytes, which begin as a pickle does") << 640;
        QTest::newRow("66176 bytes, which begin as a pickle does") << 640 + 65'536;
        QTest::newRow("648 bytes") << 648;
    }
    void aHeaderOfAnyLengthIsRead()
    {
        QFETCH(int, length);
        QTemporaryDir folder;
        std::string header = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
        header.resize(static_cast<std::size_t>(length), ' ');
        const std::string path = put(folder, "a.safetensors", safetensors(header, 2));
        QVERIFY(at::equal(openTensorFile(path)->read("a"), at::ones({2}, at::kByte)));
    }

    void anIndexThatNamesNoWeightsIsRefused_data()
    {
        QTest::addColumn<QString>("shard");
        QTest::addColumn<QString>("reason");
        QTest::newRow("itself") << "model.safetensors.index.json"
                                << "no safetensors file";
        QTest::newRow("its folder") << "."
                                    << "";
        QTest::newRow("a pointer of Git LFS") << "pointer.safetensors"
                                              << "pointer of Git LFS";
    }
    void anIndexThatNamesNoWeightsIsRefused()
    {
        QFETCH(QString, shard);
        QFETCH(QString, reason);
        QTemporaryDir folder;
        writeShards(folder, shard.toStdString());
        put(folder, "pointer.safetensors", "version https://git-lfs.github.com/spec/v1");
        QVERIFY(explains(errorOf([&] { openTensorFile(folder.path().toStdString()); }),
                         folder.path().toStdString(), reason.toStdString()));
    }

    void anIndexThatNamesListsIsRefused()
    {
        QTemporaryDir folder;
        put(folder, "model.safetensors.index.json", R"({"weight_map": {"a": ["a.safetensors"]}})");
        QVERIFY(explains(errorOf([&] { openTensorFile(folder.path().toStdString()); }),
                         "index.json", "\"a\" is no text"));
    }

    void foldersWithoutAModelSayWhatToDo()
    {
        QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path, "no model in this folder"));
        put(folder, "a.gguf", "x");
        put(folder, "b.gguf", "x");
        const Error several = errorOf([&] { openTensorFile(path); });
        QVERIFY(explains(several, path, "2 files *.gguf"));
        QVERIFY(several.hint().find("a.gguf") != std::string::npos);
        QVERIFY(explains(errorOf([&] { openTensorFile(path + "/none"); }), path + "/none",
                         "No such file"));
    }

    void aFolderWithoutPermissionIsNamed()
    {
        if (::geteuid() == 0)
            QSKIP("The superuser may read every folder, so there is nothing to refuse.");
        QTemporaryDir folder;
        const fs::path locked = folder.filePath(QStringLiteral("locked")).toStdString();
        fs::create_directory(locked);
        fs::permissions(locked, fs::perms::none);
        const Error error = errorOf([&] { openTensorFile(locked); });
        fs::permissions(locked, fs::perms::owner_all);
        QVERIFY(explains(error, locked.string(), "Permission denied"));
    }

    void whatSafetensorsCannotHoldIsRefusedBeforeTheFileIsTouched()
    {
        QTemporaryDir folder;
        const fs::path path = folder.filePath(QStringLiteral("x.safetensors")).toStdString();
        const at::Tensor x = at::zeros({2});
        QVERIFY(explains(errorOf([&] { writeSafetensors(path, {{"x", x}, {"x", x}}, {}); }), "x",
                         "Two tensors"));
        QVERIFY(explains(errorOf([&] { writeSafetensors(path, {{"__metadata__", x}}, {}); }),
                         "__metadata__", "No tensor can be called"));
        const at::Tensor c = at::zeros({2}, at::kComplexDouble);
        QVERIFY(explains(errorOf([&] { writeSafetensors(path, {{"c", c}}, {}); }), "\"c\"",
                         "cannot hold"));
        QVERIFY(!fs::exists(path));
    }

    void aTransposedTensorIsWrittenAsItLooks()
    {
        QTemporaryDir folder;
        const fs::path path = folder.filePath(QStringLiteral("t.safetensors")).toStdString();
        const at::Tensor x = at::arange(6).view({2, 3}).t();
        writeSafetensors(path, {{"x", x}}, {});
        QVERIFY(at::equal(openTensorFile(path)->read("x"), x));
    }
};

QTEST_APPLESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
