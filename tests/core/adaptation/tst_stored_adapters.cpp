// SPDX-License-Identifier: Apache-2.0
// Adapters of every kind, as PEFT wrote them (tests/fixtures/adaptation/make_methods.py).

#include "core/adaptation/adapter_reader.h"
#include "core/adaptation/merge.h"
#include "core/base/atomic_file.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <set>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(TW_FIXTURES);

std::vector<std::string> names()
{
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(kFixtures / "adaptation"))
        if (fs::exists(entry.path() / "base.txt"))
            all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
}

fs::path folderOf(const std::string& name)
{
    return kFixtures / "adaptation" / name;
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

at::Tensor idsOf(const std::string& name)
{
    return openTensorFile(folderOf(name) / "expected.safetensors")->read("ids");
}

at::Tensor expectedOf(const std::string& name)
{
    return openTensorFile(folderOf(name) / "expected.safetensors")->read("logits");
}

/// As PEFT gives them: with those of virtual tokens in front.
at::Tensor logitsOf(const Model& model, const at::Tensor& ids)
{
    const at::NoGradGuard noGrad;
    PackedInput input = oneRow(ids);
    input.showsVirtualTokens = true;
    return model.logits(model.hidden(input));
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : 1e9;
}

bool standsBeforeTheText(const std::string& name)
{
    const std::string type = readJsonFile(folderOf(name) / "adapter_config.json", 1U << 20U)
                                 .at("peft_type")
                                 .get<std::string>();
    return type == "PROMPT_TUNING" || type == "P_TUNING" || type == "PREFIX_TUNING";
}

void addNames()
{
    QTest::addColumn<std::string>("name");
    for (const std::string& name : names())
        QTest::newRow(name.c_str()) << name;
}

} // namespace

class TestStoredAdapters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyReaderHasAnAdapterToRead()
    {
        std::set<std::string> seen;
        for (const std::string& name : names())
            seen.insert(readJsonFile(folderOf(name) / "adapter_config.json", 1U << 20U)
                            .at("peft_type")
                            .get<std::string>());
        for (const auto& reader : adapterReaders().all())
            QVERIFY2(seen.contains(reader->peftType), reader->id.c_str());
    }

    void anAdapterOfPeftGivesItsLogits_data() { addNames(); }
    void anAdapterOfPeftGivesItsLogits()
    {
        QFETCH(std::string, name);
        const auto model = load(baseOf(name));
        const at::Tensor base = logitsOf(*model, idsOf(name));
        auto adapter = attachAdapter(*model, folderOf(name));
        const at::Tensor tuned = logitsOf(*model, idsOf(name));
        const double difference = largestDifference(tuned, expectedOf(name));
        QVERIFY2(difference < 1e-4, std::to_string(difference).c_str());
        const at::Tensor last = tuned.narrow(0, tuned.size(0) - base.size(0), base.size(0));
        QVERIFY(largestDifference(last, base) > 0.05); // the adapter does something at all
        adapter->setEnabled(false);
        QVERIFY(at::equal(logitsOf(*model, idsOf(name)), base));
        adapter->setEnabled(true);
        QVERIFY(at::equal(logitsOf(*model, idsOf(name)), tuned));
        adapter.reset();
        QVERIFY(at::equal(logitsOf(*model, idsOf(name)), base));
    }

    void mergedItComputesTheSame_data() { addNames(); }
    void mergedItComputesTheSame()
    {
        QFETCH(std::string, name);
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, folderOf(name));
        if (standsBeforeTheText(name)) {
            QVERIFY_THROWS_EXCEPTION(Error, mergedWeights(*model));
            return;
        }
        NamedTensors weights;
        try {
            weights = mergedWeights(*model);
        } catch (const Error& error) {
            QFAIL(error.what());
        }
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        Json config = readJsonFile(baseOf(name) / "config.json", 1U << 20U);
        const bool isTied = config.value("tie_word_embeddings", true);
        config["tie_word_embeddings"] = isTied && weights.back().first != "lm_head.weight";
        writeFile(path / "config.json", config.dump());
        for (auto& [weight, tensor] : weights)
            tensor = tensor.contiguous();
        writeSafetensors(path / "model.safetensors", weights, {{"format", "pt"}});
        const double difference =
            largestDifference(logitsOf(*load(path), idsOf(name)), expectedOf(name));
        QVERIFY2(difference < 1e-4, std::to_string(difference).c_str());
    }

    void onlyItsOwnTensorsGetGradients_data() { addNames(); }
    void onlyItsOwnTensorsGetGradients()
    {
        QFETCH(std::string, name);
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, folderOf(name));
        // The head by its matrix, as losses take it.
        model->hidden(oneRow(idsOf(name)))
            .matmul(model->head().weight.t())
            .square()
            .sum()
            .backward();
        const NamedTensors own = adapter->parameters();
        for (const auto& [parameter, tensor] : own) {
            QVERIFY2(tensor.requires_grad(), parameter.c_str());
            if (tensor.numel() > 0 && !parameter.ends_with("k_proj.bias")) // theirs is 0
                QVERIFY2(tensor.grad().defined() && tensor.grad().abs().max().item<double>() > 0.0,
                         parameter.c_str());
        }
        for (const auto& [weight, tensor] : model->weights()) {
            const bool isOwn = std::any_of(own.begin(), own.end(), [&t = tensor](const auto& p) {
                return p.second.is_same(t);
            });
            QVERIFY2(isOwn || !tensor.grad().defined(), weight.c_str());
        }
    }

    void writtenAgainItIsTheSame_data() { addNames(); }
    void writtenAgainItIsTheSame()
    {
        QFETCH(std::string, name);
        const QTemporaryDir folder;
        const fs::path copy = fs::path(folder.path().toStdString()) / "copy";
        {
            const auto model = load(baseOf(name));
            writeAdapter(*attachAdapter(*model, folderOf(name)), "base", copy);
        }
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, copy);
        QVERIFY(largestDifference(logitsOf(*model, idsOf(name)), expectedOf(name)) < 1e-4);
        const auto ours = openTensorFile(copy / "adapter_model.safetensors");
        const auto theirs = openTensorFile(folderOf(name) / "adapter_model.safetensors");
        for (const TensorInfo& info : theirs->tensors()) {
            QVERIFY2(ours->find(info.name) != nullptr, info.name.c_str());
            QVERIFY2(at::equal(ours->read(info.name), theirs->read(info.name)), info.name.c_str());
        }
        const std::size_t drawn = name == "vera_from_key" ? 2 : 0; // what PEFT draws again is kept
        QCOMPARE(ours->tensors().size(), theirs->tensors().size() + drawn);
    }

    void rowsOfABatchDoNotSeeEachOther_data() { addNames(); }
    void rowsOfABatchDoNotSeeEachOther()
    {
        QFETCH(std::string, name);
        const at::NoGradGuard noGrad;
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, folderOf(name));
        const at::Tensor one = idsOf(name);
        const at::Tensor two = one.flip(0).narrow(0, 0, 4);
        const PackedInput both {
            at::cat({one, two}), at::cat({at::arange(7), at::arange(4)}), {0, 7, 11}};
        const at::Tensor alone = at::cat({model->hidden(oneRow(one)), model->hidden(oneRow(two))});
        // Few rows are summed in another order than many.
        QCOMPARE_LE(largestDifference(model->hidden(both), alone),
                    1e-5 * std::max(1.0, alone.abs().max().item<double>()));
    }

    void readingPieceByPieceGivesTheSame_data() { addNames(); }
    void readingPieceByPieceGivesTheSame()
    {
        QFETCH(std::string, name);
        const at::NoGradGuard noGrad;
        const auto model = load(baseOf(name));
        const auto adapter = attachAdapter(*model, folderOf(name));
        const at::Tensor ids = idsOf(name);
        const std::vector<std::int64_t> all(ids.const_data_ptr<std::int64_t>(),
                                            ids.const_data_ptr<std::int64_t>() + ids.numel());
        const auto cache = model->newCache(2);
        std::vector<at::Tensor> pieces {
            model->hiddenCached({all.begin(), all.begin() + 3}, *cache)};
        for (std::size_t i = 3; i < all.size(); ++i)
            pieces.push_back(model->hiddenCached({all[i]}, *cache));
        QVERIFY(largestDifference(at::cat(pieces), model->hidden(oneRow(ids))) < 1e-5);
    }

    void severalAdaptersLieOverEachOther()
    {
        const auto model = load(baseOf("lokr"));
        const at::Tensor ids = idsOf("lokr");
        const auto first = attachAdapter(*model, folderOf("lokr"));
        const at::Tensor alone = logitsOf(*model, ids);
        {
            const auto second = attachAdapter(*model, folderOf("ia3_pattern"));
            const auto third = attachAdapter(*model, folderOf("prefix_tuning"));
            QVERIFY(largestDifference(logitsOf(*model, ids), alone) > 0.05);
        }
        QVERIFY(at::equal(logitsOf(*model, ids), alone));
    }

    void whatOnlyOneAdapterCanBringIsSaid_data()
    {
        QTest::addColumn<std::string>("first");
        QTest::addColumn<std::string>("second");
        QTest::addColumn<QString>("says");
        QTest::newRow("virtual tokens")
            << std::string("prompt_tuning") << std::string("prefix_tuning")
            << QStringLiteral("virtual tokens");
        QTest::newRow("a norm") << std::string("ln_tuning") << std::string("ia3_pattern")
                                << QStringLiteral("input_layernorm.weight");
        QTest::newRow("the head") << std::string("lora_saved_head_tied")
                                  << std::string("lora_saved_head_tied")
                                  << QStringLiteral("lm_head.weight");
    }

    void whatOnlyOneAdapterCanBringIsSaid()
    {
        QFETCH(std::string, first);
        QFETCH(std::string, second);
        QFETCH(QString, says);
        const auto model = load(baseOf(first));
        const at::Tensor ids = idsOf(first);
        const auto adapter = attachAdapter(*model, folderOf(first));
        const at::Tensor alone = logitsOf(*model, ids);
        try {
            attachAdapter(*model, folderOf(second));
            QFAIL("both were attached");
        } catch (const Error& error) {
            QVERIFY2(QString::fromUtf8(error.what()).contains(says), error.what());
        }
        QVERIFY(at::equal(logitsOf(*model, ids), alone));
    }

    void anAdapterOfAnotherModelIsRefused()
    {
        const auto model = load(baseOf("dora_embedding")); // no biases, k and v wider
        for (const char* name : {"lora_bias_all", "lora_own_bias", "ia3", "lokr", "loha", "vera",
                                 "prefix_tuning", "oft_exact", "lora_saved_linear"}) {
            const at::Tensor before = logitsOf(*model, idsOf(name));
            if (QByteArray(name) != "loha") // sits only where both models agree
                QVERIFY_THROWS_EXCEPTION(Error, attachAdapter(*model, folderOf(name)));
            QVERIFY(at::equal(logitsOf(*model, idsOf(name)), before));
        }
    }

    void peftLoadsWhatWeWriteWithoutAWarning()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft to "
                  "compare with PEFT itself.");
        const QTemporaryDir folder;
        const fs::path path = folder.path().toStdString();
        QStringList arguments {QStringLiteral(TW_FIXTURES "/adaptation/check_with_peft.py")};
        for (const std::string& name : names()) {
            const auto model = load(baseOf(name));
            writeAdapter(*attachAdapter(*model, folderOf(name)), baseOf(name).string(),
                         path / name);
            for (const fs::path& part :
                 {baseOf(name), path / name, folderOf(name) / "expected.safetensors"})
                arguments << QString::fromStdString(part.string());
        }
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python, arguments);
        QVERIFY(process.waitForFinished(300000));
        const QByteArray said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
    }
};

QTEST_GUILESS_MAIN(TestStoredAdapters)
#include "tst_stored_adapters.moc"
