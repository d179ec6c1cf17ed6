// SPDX-License-Identifier: Apache-2.0
// Adapters on encoders and beyond the blocks, as PEFT wrote them
// (tests/fixtures/adaptation/make_encoder_adapters.py).

#include "core/adaptation/adaptation.h"
#include "core/adaptation/merge.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(TW_FIXTURES);

fs::path folderOf(const std::string& name)
{
    return kFixtures / "adaptation/encoders" / name;
}

fs::path baseOf(const std::string& name)
{
    return kFixtures / trimmed(readFile(folderOf(name) / "base.txt", 1000));
}

std::shared_ptr<Model> load(const fs::path& path)
{
    JobControl control;
    return loadModel(openModelSource(path), control);
}

Tensors stored(const std::string& name, const std::string& prefix)
{
    Tensors all;
    const auto file = openTensorFile(folderOf(name) / "expected.safetensors");
    for (const TensorInfo& info : file->tensors())
        if (info.name.starts_with(prefix))
            all[info.name.substr(prefix.size())] = file->read(info.name);
    return all;
}

/// The largest difference of all outputs that Transformers gives; 1e9 where one is missing.
double difference(const Model& model, const std::string& name)
{
    const Tensors found = model.outputs(stored(name, "in_"));
    double largest = 0.0;
    for (const auto& [output, expected] : stored(name, "out_")) {
        const auto it = found.find(output);
        const bool fits = it != found.end() && it->second.sizes() == expected.sizes();
        largest =
            std::max(largest, fits ? (it->second - expected).abs().max().item<double>() : 1e9);
    }
    return largest;
}

void addNames()
{
    QTest::addColumn<std::string>("name");
    for (const auto& entry : fs::directory_iterator(kFixtures / "adaptation/encoders"))
        if (fs::exists(entry.path() / "base.txt")) {
            const std::string name = entry.path().filename().string();
            QTest::newRow(name.c_str()) << name;
        }
}

} // namespace

class TestEncoderAdapters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAdapterOfPeftGivesItsOutputs_data() { addNames(); }
    void anAdapterOfPeftGivesItsOutputs()
    {
        QFETCH(std::string, name);
        const auto model = load(baseOf(name));
        const double before = difference(*model, name);
        QVERIFY2(before > 0.01, std::to_string(before).c_str());
        auto adapter = attachAdapter(*model, folderOf(name));
        const double found = difference(*model, name);
        QVERIFY2(found < 1e-4, std::to_string(found).c_str());
        adapter->setEnabled(false);
        QCOMPARE(difference(*model, name), before);
        adapter->setEnabled(true);
        QCOMPARE(difference(*model, name), found);
        adapter.reset();
        QCOMPARE(difference(*model, name), before);
    }

    void mergedItComputesTheSame_data() { addNames(); }
    void mergedItComputesTheSame()
    {
        QFETCH(std::string, name);
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, folderOf(name));
        NamedTensors weights = mergedWeights(*model);
        for (auto& [weight, tensor] : weights)
            tensor = tensor.contiguous();
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        fs::copy_file(baseOf(name) / "config.json", path / "config.json");
        writeSafetensors(path / "model.safetensors", weights, {{"format", "pt"}});
        const double found = difference(*load(path), name);
        QVERIFY2(found < 1e-4, std::to_string(found).c_str());
    }

    void writtenAgainItHasTheSameTensors_data() { addNames(); }
    void writtenAgainItHasTheSameTensors()
    {
        QFETCH(std::string, name);
        const QTemporaryDir folder;
        const fs::path copy = fs::path(folder.path().toStdString()) / "copy";
        const auto model = load(baseOf(name));
        writeAdapter(*attachAdapter(*model, folderOf(name)), "base", copy);
        const auto ours = openTensorFile(copy);
        const auto theirs = openTensorFile(
            folderOf(name)
            / (name == "old_file" ? "adapter_model.bin" : "adapter_model.safetensors"));
        QCOMPARE(ours->tensors().size(), theirs->tensors().size());
        for (const TensorInfo& info : theirs->tensors())
            QVERIFY2(ours->find(info.name) != nullptr
                         && at::equal(ours->read(info.name), theirs->read(info.name)),
                     info.name.c_str());
    }

    void tokensThatAHiddenHeadSharesAreRefused()
    {
        const QTemporaryDir parent;
        const fs::path folder = fs::path(parent.path().toStdString()) / "adapter";
        fs::copy(folderOf("masked_head"), folder);
        Json config = readJsonFile(folder / "adapter_config.json", 1 << 20);
        config["trainable_token_indices"] = {5};
        writeFile(folder / "adapter_config.json", config.dump());
        const auto model = load(baseOf("masked_head"));
        try {
            attachAdapter(*model, folder);
            QFAIL("the head kept its old rows in silence");
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains("the model's head shares"), error.what());
        }
    }

    void virtualTokensAreForModelsThatContinueText()
    {
        const auto model = load(baseOf("classifier_saved"));
        try {
            attachAdapter(*model, kFixtures / "adaptation/prompt_tuning");
            QFAIL("virtual tokens were put before a classifier's text");
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains("BertForSequenceClassification"),
                     error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestEncoderAdapters)
#include "tst_encoder_adapters.moc"
