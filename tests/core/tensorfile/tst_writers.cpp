// SPDX-License-Identifier: Apache-2.0
#include "core/tensorfile/gguf_writer.h"
#include "tests/core/tensorfile/build_file.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QProcess>

#include <algorithm>
#include <filesystem>
#include <limits>

using namespace tw;

namespace {

namespace fs = std::filesystem;

TensorToWrite toWrite(const std::string& name, const at::Tensor& values)
{
    return {name, values.scalar_type(), values.sizes().vec(), [values] { return values; }};
}

std::vector<TensorToWrite> tensorsOf(const TensorFile& file)
{
    std::vector<TensorToWrite> tensors;
    for (const TensorInfo& info : file.tensors())
        tensors.push_back(toWrite(info.name, file.read(info.name)));
    return tensors;
}

fs::path pathIn(const QTemporaryDir& folder, const std::string& name)
{
    return fs::path(folder.path().toStdString()) / name;
}

std::string bytesOf(const fs::path& path)
{
    return readFile(path, 1 << 20);
}

/// The metadata of written.gguf, in its order.
GgufFields everyType()
{
    return {{"general.architecture", "llama"},
            {"u8", std::uint8_t {200}},
            {"i8", std::int8_t {-100}},
            {"u16", std::uint16_t {60'000}},
            {"i16", std::int16_t {-30'000}},
            {"u32", std::uint32_t {4'000'000'000}},
            {"i32", std::int32_t {-2'000'000'000}},
            {"f32", 0.5F},
            {"flag", true},
            {"text", "naïve 模型"},
            {"u64", (std::uint64_t {1} << 63U) + 1},
            {"i64", -(std::int64_t {1} << 62)},
            {"f64", 0.1},
            {"u8s", GgufList(std::vector<std::uint8_t> {1, 255})},
            {"i8s", GgufList(std::vector<std::int8_t> {-1, 7})},
            {"u16s", GgufList(std::vector<std::uint16_t> {60'000})},
            {"i16s", GgufList(std::vector<std::int16_t> {-3})},
            {"u32s", GgufList(std::vector<std::uint32_t> {4'000'000'000})},
            {"i32s", GgufList(std::vector<std::int32_t> {-5, 6})},
            {"f32s", GgufList(std::vector<float> {0.5F, -1.25F})},
            {"flags", GgufList(std::vector<bool> {true, false})},
            {"texts", GgufList(std::vector<std::string> {"a", "", "Ġthe"})},
            {"u64s", GgufList(std::vector<std::uint64_t> {std::uint64_t {1} << 63U})},
            {"i64s", GgufList(std::vector<std::int64_t> {-(std::int64_t {1} << 62)})},
            {"f64s", GgufList(std::vector<double> {0.1})}};
}

} // namespace

class TestWriters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ggufHasTheBytesOfGgufPyInEveryType()
    {
        const auto source = openTensorFile(fixture("to_write.safetensors"));
        const at::Tensor table = source->read("table");
        const at::Tensor hard = source->read("hard");
        std::vector<GgufTensorToWrite> tensors;
        for (const char* const type :
             {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"})
            tensors.push_back({toWrite(type, table), type});
        for (const std::string type : {"F32", "F16", "BF16"})
            tensors.push_back({toWrite("hard." + type, hard), type});
        tensors.push_back(
            {toWrite("integers", at::arange(-3, 3, at::kInt).view({1, 2, 3})), "I32"});
        QTemporaryDir folder;
        const fs::path path = pathIn(folder, "written.gguf");
        writeGguf(path, everyType(), tensors);
        const GgufFile expected(fixture("written.gguf"));
        const GgufFile written(path);
        for (const TensorInfo& info : expected.header.tensors()) {
            const auto bytes = [&](const GgufFile& file) {
                return std::string(reinterpret_cast<const char*>(file.file->bytes().data())
                                       + info.offset,
                                   info.bytes);
            };
            QVERIFY2(bytes(written) == bytes(expected), info.name.c_str());
        }
        QVERIFY(bytesOf(path) == bytesOf(fixture("written.gguf")));
    }

    void fieldsOfGgufPyKeepTheirTypes()
    {
        GgufFields read = ggufFieldsOf(fixture("written.gguf"));
        GgufFields expected = everyType();
        const auto byKey = [](const auto& a, const auto& b) { return a.first < b.first; };
        std::sort(read.begin(), read.end(), byKey);
        std::sort(expected.begin(), expected.end(), byKey);
        QCOMPARE(read.size(), expected.size());
        for (std::size_t i = 0; i < read.size(); ++i)
            QVERIFY2(read[i] == expected[i], expected[i].first.c_str());
    }

    void smallNumbersKeepTheirTypesToo()
    {
        const GgufFields fields {{"a", std::uint64_t {5}},
                                 {"b", std::int64_t {-5}},
                                 {"c", std::int32_t {5}},
                                 {"d", 0.5},
                                 {"e", std::uint8_t {0}},
                                 {"f", false},
                                 {"g", GgufList(std::vector<std::uint64_t> {})}};
        QTemporaryDir folder;
        writeGguf(pathIn(folder, "small.gguf"), fields, {});
        QVERIFY(ggufFieldsOf(pathIn(folder, "small.gguf")) == fields);
    }

    void anAlignmentOfAnotherTypeBecomesTheFormats()
    {
        const std::string key = "general.alignment";
        const std::string bytes = "GGUF" + littleEndian(3, 4) + littleEndian(0, 8)
            + littleEndian(1, 8) + littleEndian(key.size(), 8) + key + littleEndian(5, 4) // INT32
            + littleEndian(64, 4);
        QTemporaryDir folder;
        const GgufFields fields = ggufFieldsOf(put(folder, "int32.gguf", bytes));
        QVERIFY(fields == (GgufFields {{key, std::uint32_t {64}}}));
    }

    void fourBitsInGroupsLoseLessThanFourBitsAlone()
    {
        const at::Tensor normal = at::randn({64, 512}, at::make_generator<at::CPUGeneratorImpl>(7));
        const at::Tensor oneSided = normal.abs() + 0.5;
        const at::Tensor hard =
            at::cat({at::zeros({1, 512}), at::full({1, 512}, -3.0), at::eye(512).narrow(0, 0, 2),
                     at::linspace(-1e4, 1e4, 512).unsqueeze(0), at::full({1, 512}, 1e-9)});
        QTemporaryDir folder;
        const fs::path path = pathIn(folder, "k.gguf");
        std::vector<GgufTensorToWrite> tensors;
        for (const char* const type : {"Q4_0", "Q4_1", "Q4_K"}) {
            tensors.push_back({toWrite(std::string("normal.") + type, normal), type});
            tensors.push_back({toWrite(std::string("one.") + type, oneSided), type});
            tensors.push_back({toWrite(std::string("hard.") + type, hard), type});
        }
        writeGguf(path, {{"general.architecture", "llama"}}, tensors);
        const auto file = openTensorFile(path);
        const auto error = [&](const std::string& name, const at::Tensor& values) {
            return (file->read(name) - values).norm().item<double>() / values.norm().item<double>();
        };
        const double four = error("normal.Q4_0", normal);
        const double grouped = error("normal.Q4_K", normal);
        qInfo("relative error of normal values: Q4_0 %.4f, Q4_1 %.4f, Q4_K %.4f", four,
              error("normal.Q4_1", normal), grouped);
        QVERIFY(grouped < 0.85 * four);
        QVERIFY(grouped < error("normal.Q4_1", normal));
        QVERIFY(error("one.Q4_K", oneSided) < error("one.Q4_0", oneSided));
        QVERIFY(error("hard.Q4_K", hard) < 0.05);
        QVERIFY(file->read("hard.Q4_K")[0].abs().max().item<double>() == 0.0);
    }

    void aligningMovesTheTensors()
    {
        const at::Tensor hard = openTensorFile(fixture("to_write.safetensors"))->read("hard");
        QTemporaryDir folder;
        const fs::path path = pathIn(folder, "aligned.gguf");
        writeGguf(path,
                  {{"general.architecture", "llama"}, {"general.alignment", std::uint32_t {64}}},
                  {{toWrite("a", hard), "F32"}, {toWrite("b", hard.narrow(0, 0, 3)), "F32"}});
        QVERIFY(bytesOf(path) == bytesOf(fixture("aligned.gguf")));
    }

    void whatGgufCannotHoldIsRefusedAndNothingIsLeftBehind_data()
    {
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("reason");
        QTest::newRow("rows that blocks do not fill") << 0 << "rows of 33 values";
        QTest::newRow("not a number in a block") << 1 << "infinite or not a number";
        QTest::newRow("a type without a way in") << 2 << "cannot be written as Q6_K";
        QTest::newRow("the same name twice") << 3 << "is there twice";
        QTest::newRow("five dimensions") << 4 << "5 dimensions";
        QTest::newRow("the same key twice") << 5 << "\"a\" of GGUF";
        QTest::newRow("alignment of seven") << 6 << "a power of two";
        QTest::newRow("a list of lists") << 7 << "A list of lists";
        QTest::newRow("another shape than announced") << 8 << "than was announced";
    }
    void whatGgufCannotHoldIsRefusedAndNothingIsLeftBehind()
    {
        QFETCH(int, number);
        QFETCH(QString, reason);
        const TensorToWrite good = toWrite("t", at::zeros({32}));
        const at::Tensor bad = at::full({32}, std::numeric_limits<float>::quiet_NaN());
        TensorToWrite liar = good;
        liar.shape = {64};
        const std::vector<std::pair<GgufFields, std::vector<GgufTensorToWrite>>> cases {
            {{}, {{toWrite("t", at::zeros({33})), "Q8_0"}}},
            {{}, {{toWrite("t", bad), "Q4_0"}}},
            {{}, {{toWrite("t", at::zeros({256})), "Q6_K"}}},
            {{}, {{good, "F32"}, {good, "F16"}}},
            {{}, {{toWrite("t", at::zeros({1, 1, 1, 1, 1})), "F32"}}},
            {{{"a", true}, {"a", false}}, {}},
            {{{"general.alignment", std::uint32_t {7}}}, {}},
            {{{"a", GgufList(std::monostate())}}, {}},
            {{}, {{liar, "F32"}}}};
        const auto& [fields, tensors] = cases[static_cast<std::size_t>(number)];
        QTemporaryDir folder;
        const fs::path path = pathIn(folder, "bad.gguf");
        const Error error = errorOf([&, &f = fields, &t = tensors] { writeGguf(path, f, t); });
        QVERIFY(explains(error, "", reason.toStdString()));
        QVERIFY(fs::is_empty(path.parent_path()));
    }

    void shardsAreThoseOfTransformers()
    {
        const auto expected = openTensorFile(fixture("shards"));
        std::vector<TensorToWrite> tensors;
        for (const char* const name : {"e", "b", "huge", "a", "d", "c"}) // the order of the split
            tensors.push_back(toWrite(name, expected->read(name)));
        QTemporaryDir folder;
        const auto files = writeSafetensorsShards(pathIn(folder, "model.safetensors"), tensors,
                                                  {{"format", "pt"}}, 100);
        QCOMPARE(files.size(), std::size_t {5});
        for (const fs::path& file : files)
            QVERIFY2(bytesOf(file) == bytesOf(fixture("shards/" + file.filename().string())),
                     file.c_str());
    }

    void whatFitsIntoOneFileIsOneFile()
    {
        QTemporaryDir folder;
        const fs::path path = pathIn(folder, "model.safetensors");
        const auto files = writeSafetensorsShards(path, {toWrite("a", at::zeros({25}))}, {}, 100);
        QCOMPARE(files, std::vector<fs::path> {path});
        QVERIFY(at::equal(openTensorFile(path)->read("a"), at::zeros({25})));
        QVERIFY(explains(errorOf([&] { writeSafetensorsShards(path, {}, {}, 0); }), "",
                         "at most 0 bytes"));
        const TensorToWrite twin = toWrite("a", at::zeros({20}));
        QVERIFY(explains(errorOf([&] { writeSafetensorsShards(path, {twin, twin}, {}, 100); }), "",
                         "\"a\""));
    }

    void tensorsAreReadOneAfterTheOther()
    {
        int held = 0;
        int most = 0;
        std::vector<TensorToWrite> tensors;
        for (int i = 0; i < 20; ++i) {
            TensorToWrite& tensor = tensors.emplace_back();
            tensor = {std::to_string(i), at::kFloat, {1000}, {}};
            tensor.read = [&] {
                auto* const memory = new float[1000]();
                most = std::max(most, ++held);
                return at::from_blob(memory, {1000}, [&held, memory](void*) {
                    delete[] memory;
                    --held;
                });
            };
        }
        QTemporaryDir folder;
        streamSafetensors(pathIn(folder, "x.safetensors"), tensors, {});
        writeGguf(pathIn(folder, "x.gguf"), {}, [&] {
            std::vector<GgufTensorToWrite> list;
            for (const TensorToWrite& tensor : tensors)
                list.push_back({tensor, "F16"});
            return list;
        }());
        QCOMPARE(most, 1);
        QCOMPARE(held, 0);
    }

    void otherLibrariesReadWhatIsWritten()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with gguf, safetensors and transformers to "
                  "compare with them.");
        QTemporaryDir folder;
        const fs::path model = fs::path(TW_FIXTURES) / "train/tiny_llama";
        const auto source = openTensorFile(model);
        const auto tensors = tensorsOf(*source);
        writeSafetensorsShards(pathIn(folder, "model.safetensors"), tensors, {{"format", "pt"}},
                               20'000);
        fs::copy_file(model / "config.json", pathIn(folder, "config.json"));
        streamSafetensors(pathIn(folder, "expected.safetensors"), tensors, {});
        std::vector<GgufTensorToWrite> list;
        for (const TensorToWrite& tensor : tensors) {
            const bool fits = !tensor.shape.empty() && tensor.shape.back() % 32 == 0;
            list.push_back({tensor, fits ? "Q8_0" : "F32"});
        }
        writeGguf(pathIn(folder, "whole.gguf"),
                  {{"general.architecture", "llama"},
                   {"list", GgufList(std::vector<std::int32_t> {1, -2, 3})}},
                  list);
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python,
                      {QStringLiteral(TW_FIXTURES "/tensorfile/check_written.py"), folder.path()});
        QVERIFY(process.waitForFinished(300'000));
        const QByteArray said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
    }
};

QTEST_GUILESS_MAIN(TestWriters)
#include "tst_writers.moc"
