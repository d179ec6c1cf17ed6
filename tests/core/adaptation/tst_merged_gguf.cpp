// SPDX-License-Identifier: Apache-2.0
// Exported GGUF files against those that gguf-py wrote of the same models
// (tests/fixtures/model/families/make_gguf.py).

#include "core/adaptation/adaptation.h"
#include "core/adaptation/merged_gguf.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kModels = fs::path(TW_FIXTURES) / "model";

std::shared_ptr<Model> load(const fs::path& path)
{
    JobControl control;
    return loadModel(openModelSource(path), control);
}

at::Tensor logitsOf(const Model& model)
{
    const at::NoGradGuard noGrad;
    return model.logits(model.hidden(oneRow(at::arange(3, 60, 7))));
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

fs::path newFolder(const QTemporaryDir& parent)
{
    return fs::path(parent.path().toStdString()) / "exported";
}

void addRows(std::initializer_list<const char*> names)
{
    QTest::addColumn<std::string>("name");
    for (const char* name : names)
        QTest::newRow(name) << std::string(name);
}

QByteArray refusal(const fs::path& path)
{
    const QTemporaryDir parent;
    try {
        const auto model = load(path);
        writeMergedGguf(openModelSource(path), *model, "F32", newFolder(parent));
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestMergedGguf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itHoldsWhatGgufPyWrites_data()
    {
        addRows({"families/gpt2", "families/gpt_neox", "families/gemma", "families/gemma2",
                 "families/gemma3", "families/phi3_longrope", "families/olmo2", "qwen3"});
    }
    void itHoldsWhatGgufPyWrites()
    {
        QFETCH(std::string, name);
        const QTemporaryDir parent;
        const auto source = openModelSource(kModels / name);
        const fs::path written =
            writeMergedGguf(source, *load(kModels / name), "F32", newFolder(parent));
        const auto ours = openTensorFile(written);
        const auto theirs = openTensorFile(kModels / (name + ".gguf"));
        QCOMPARE(ours->tensors().size(), theirs->tensors().size());
        for (const TensorInfo& info : theirs->tensors()) {
            QVERIFY2(ours->find(info.name) != nullptr, info.name.c_str());
            QVERIFY2(at::equal(ours->readFloat(info.name), theirs->readFloat(info.name)),
                     info.name.c_str());
        }
        for (const auto& [key, value] : theirs->metadata())
            if (!key.starts_with("GGUF.") && key != "general.alignment")
                QVERIFY2(ours->metadata().contains(key) && ours->metadata().at(key) == value,
                         key.c_str());
    }

    void loadedAgainItAnswersTheSame_data()
    {
        addRows({"families/gpt2", "families/gpt_neox", "families/gpt_neox_sequential",
                 "families/gemma", "families/gemma2", "families/gemma3", "families/phi3",
                 "families/phi3_longrope", "families/olmo2", "qwen3", "llama_plain",
                 "llama_gqa_bias_llama3", "llama_linear_rope", "llama_yarn"});
    }
    void loadedAgainItAnswersTheSame()
    {
        QFETCH(std::string, name);
        const QTemporaryDir parent;
        const auto model = load(kModels / name);
        writeMergedGguf(openModelSource(kModels / name), *model, "F32", newFolder(parent));
        const double found = difference(logitsOf(*load(newFolder(parent))), logitsOf(*model));
        QVERIFY2(found < 1e-4, std::to_string(found).c_str()); // longrope's factor is a float there
    }

    void adaptersAreMergedIn()
    {
        const QTemporaryDir parent;
        const fs::path base = fs::path(TW_FIXTURES) / "train/tiny_llama";
        const auto model = load(base);
        const at::Tensor before = logitsOf(*model);
        const auto adapter =
            attachAdapter(*model, fs::path(TW_FIXTURES) / "adaptation/lora_head_tied");
        const at::Tensor tuned = logitsOf(*model);
        QVERIFY(difference(before, tuned) > 0.05);
        const fs::path written =
            writeMergedGguf(openModelSource(base), *model, "F32", newFolder(parent));
        QVERIFY(openTensorFile(written)->find("output.weight") != nullptr); // no longer tied
        QVERIFY(difference(logitsOf(*load(written)), tuned) < 1e-4);
    }

    void anotherAdapterLiesOverAGgufFile()
    {
        const QTemporaryDir parent;
        const fs::path base = fs::path(TW_FIXTURES) / "train/tiny_llama";
        const fs::path file =
            writeMergedGguf(openModelSource(base), *load(base), "F32", newFolder(parent));
        const auto model = load(file);
        const auto adapter = attachAdapter(*model, fs::path(TW_FIXTURES) / "adaptation/loha");
        const auto source = openModelSource(file);
        const fs::path merged =
            writeMergedGguf(source, *model, "F32", fs::path(parent.path().toStdString()) / "two");
        QVERIFY(difference(logitsOf(*load(merged)), logitsOf(*model)) < 1e-4);
        const auto before = source.tensors->metadata();
        const auto after = openTensorFile(merged);
        for (const auto& [key, value] : after->metadata())
            QVERIFY2(before.contains(key) && before.at(key) == value, key.c_str());
    }

    void matricesAreStoredAsAskedAndVectorsWhole_data()
    {
        QTest::addColumn<std::string>("type");
        QTest::addColumn<double>("bound"); // of the error, in deviations of the weights
        QTest::newRow("F16") << std::string("F16") << 3e-4;
        QTest::newRow("BF16") << std::string("BF16") << 3e-3;
        QTest::newRow("Q8_0") << std::string("Q8_0") << 8e-3;
        QTest::newRow("Q4_0") << std::string("Q4_0") << 0.12;
        QTest::newRow("Q4_K") << std::string("Q4_K") << 0.06; // rows of 32: Q5_0 instead
    }
    void matricesAreStoredAsAskedAndVectorsWhole()
    {
        QFETCH(std::string, type);
        QFETCH(double, bound);
        const QTemporaryDir parent;
        const fs::path base = fs::path(TW_FIXTURES) / "train/tiny_llama";
        const auto model = load(base);
        const fs::path written =
            writeMergedGguf(openModelSource(base), *model, type, newFolder(parent));
        QVERIFY(written.filename().string().ends_with("-" + type + ".gguf"));
        const auto file = openTensorFile(written);
        std::string most = type; // of what rows of 32, 64 ... numbers become
        if (type == "Q4_K")
            most = "Q5_0";
        for (const TensorInfo& info : file->tensors()) {
            const bool divides = info.shape.back() % 32 == 0 || !type.starts_with("Q");
            QCOMPARE(info.dtype,
                     info.shape.size() == 1 ? std::string("F32")
                         : divides          ? most
                                            : std::string("F16"));
        }
        const at::Tensor stored = file->readFloat("token_embd.weight");
        const at::Tensor weight = model->embedding().weight;
        const double error = (stored - weight).norm().item<double>() / weight.norm().item<double>();
        QVERIFY2(error < bound, std::to_string(error).c_str());
        QVERIFY(logitsOf(*load(written)).isfinite().all().item<bool>());
    }

    void whatTheFormatCannotExpressIsRefused()
    {
        QVERIFY(refusal(kModels / "families/gpt2_scaled_by_layer").contains("attention scores"));
        QVERIFY(refusal(kModels / "families/bert_masked").contains("not written to GGUF"));
        QVERIFY(refusal(kModels / "families/llama_sequences").contains("the head of"));
        QVERIFY(refusal(kModels / "families/llama_dynamic").contains("dynamic"));
        QVERIFY(refusal(kModels / "qwen2_window").contains("sliding_window"));
        QVERIFY(refusal(kModels / "mistral_sliding").contains("sliding_window"));
    }

    void nothingIsWrittenOver()
    {
        const QTemporaryDir parent;
        const auto source = openModelSource(kModels / "llama_plain");
        const auto model = load(kModels / "llama_plain");
        writeMergedGguf(source, *model, "F32", newFolder(parent));
        QVERIFY_THROWS_EXCEPTION(Error, writeMergedGguf(source, *model, "F16", newFolder(parent)));
    }

    void ggufPyKnowsEveryName()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with gguf to compare with its tables.");
        const QTemporaryDir parent;
        QStringList arguments {QStringLiteral(TW_FIXTURES "/model/families/check_gguf.py")};
        int count = 0;
        for (const char* name :
             {"families/gpt2", "families/gpt_neox", "families/gemma2", "families/gemma3",
              "families/phi3_longrope", "families/olmo2", "qwen3", "llama_gqa_bias_llama3"}) {
            const fs::path folder = fs::path(parent.path().toStdString()) / std::to_string(count++);
            arguments << QString::fromStdString(writeMergedGguf(openModelSource(kModels / name),
                                                                *load(kModels / name), "Q8_0",
                                                                folder)
                                                    .string());
        }
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python, arguments);
        QVERIFY(process.waitForFinished(120000));
        QVERIFY2(process.exitCode() == 0, process.readAll().constData());
    }
};

QTEST_GUILESS_MAIN(TestMergedGguf)
#include "tst_merged_gguf.moc"
