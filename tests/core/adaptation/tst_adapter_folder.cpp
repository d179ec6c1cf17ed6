// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/base/atomic_file.h"
#include "core/base/text.h"
#include "tests/contract/tiny_model.h"

#include <ATen/ATen.h>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

std::filesystem::path fixture(const QString& name)
{
    return std::filesystem::path(TW_FIXTURES) / "adaptation" / name.toStdString();
}

at::Tensor logitsOf(const Model& model, const at::Tensor& ids)
{
    const at::NoGradGuard noGrad;
    return model.logits(model.hidden(oneRow(ids)));
}

double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

/// An adapter on every other linear site with factors that are not 0.
std::unique_ptr<Adapter> lively(Model& model)
{
    RandomStream random(3, "lively");
    auto adapter = adaptations().at("lora").attach(
        model, {{SiteKind::AttnQ, {0, 1}}, {SiteKind::MlpUp, {1}}, {SiteKind::AttnO, {0}}},
        {{"rank", std::int64_t {3}}, {"alpha", 5.5}}, {random});
    for (const auto& [name, tensor] : adapter->parameters())
        tensor.detach().add_(at::linspace(-0.3, 0.2, tensor.numel()).view_as(tensor));
    return adapter;
}

} // namespace

class TestAdapterFolder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAdapterOfPeftGivesItsLogits_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"plain", "all_linear", "pattern", "one_layer"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void anAdapterOfPeftGivesItsLogits()
    {
        QFETCH(QString, name);
        const auto model = tinyModel();
        const auto expected = openTensorFile(fixture(name) / "expected.safetensors");
        const at::Tensor ids = expected->read("ids");
        const at::Tensor base = logitsOf(*model, ids);
        const auto adapter = attachAdapter(*model, fixture(name));
        const at::Tensor tuned = logitsOf(*model, ids);
        QVERIFY(largestDifference(tuned, expected->read("logits")) < 1e-4);
        QVERIFY(largestDifference(tuned, base) > 0.1); // the adapter does something at all
    }

    void readingAndWritingAnAdapterOfPeftKeepsWhatItComputes_data()
    {
        anAdapterOfPeftGivesItsLogits_data();
    }

    void readingAndWritingAnAdapterOfPeftKeepsWhatItComputes()
    {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        const auto copy = std::filesystem::path(folder.path().toStdString()) / "copy";
        const auto expected = openTensorFile(fixture(name) / "expected.safetensors");
        {
            const auto model = tinyModel();
            writeAdapter(*attachAdapter(*model, fixture(name)), "../train/tiny_llama", copy);
        }
        const auto model = tinyModel();
        const auto adapter = attachAdapter(*model, copy);
        QVERIFY(largestDifference(logitsOf(*model, expected->read("ids")), expected->read("logits"))
                < 1e-4);
    }

    void writtenFilesHaveTheKeysOfPeftInItsOrder()
    {
        const QTemporaryDir folder;
        const auto copy = std::filesystem::path(folder.path().toStdString()) / "copy";
        const auto model = tinyModel();
        writeAdapter(*attachAdapter(*model, fixture(QStringLiteral("plain"))),
                     "../train/tiny_llama", copy);
        const std::string ours = readFile(copy / "adapter_config.json", 1U << 20U);
        std::string theirs =
            readFile(fixture(QStringLiteral("plain")) / "adapter_config.json", 1U << 20U);
        QVERIFY(ours.find("\"q_proj\",\n    \"v_proj\"") != std::string::npos);
        const std::string listed = "\"v_proj\",\n    \"q_proj\""; // PEFT writes a set in any order
        if (const auto at = theirs.find(listed); at != std::string::npos)
            theirs.replace(at, listed.size(), "\"q_proj\",\n    \"v_proj\"");
        QCOMPARE(ours, theirs);
        const auto a = openTensorFile(copy / "adapter_model.safetensors");
        const auto b =
            openTensorFile(fixture(QStringLiteral("plain")) / "adapter_model.safetensors");
        QCOMPARE(a->tensors().size(), b->tensors().size());
        QCOMPARE(a->metadata().at("format"), std::string("pt"));
        for (const auto& info : b->tensors())
            QVERIFY(at::equal(a->read(info.name), b->read(info.name)));
    }

    void anAdapterGoesWhenItsOwnerDoes()
    {
        const auto model = tinyModel();
        const at::Tensor ids = at::arange(10, at::kLong);
        const at::Tensor base = logitsOf(*model, ids);
        const auto adapter = lively(*model);
        const at::Tensor tuned = logitsOf(*model, ids);
        adapter->setEnabled(false);
        QVERIFY(at::equal(logitsOf(*model, ids), base));
        adapter->setEnabled(true);
        QVERIFY(at::equal(logitsOf(*model, ids), tuned));
        {
            const auto second = lively(*model);
            QVERIFY(!at::equal(logitsOf(*model, ids), tuned));
        }
        QVERIFY(at::equal(logitsOf(*model, ids), tuned));
    }

    void foldersThatAreNoAdapterAreRefused()
    {
        const auto model = tinyModel();
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        QVERIFY_EXCEPTION_THROWN(attachAdapter(*model, path), Error);
        writeFile(path / "adapter_config.json", R"({"peft_type": "LORA"})");
        QVERIFY_EXCEPTION_THROWN(attachAdapter(*model, path), Error);
        writeFile(path / "adapter_model.safetensors", "nothing");
        QVERIFY_EXCEPTION_THROWN(attachAdapter(*model, path), Error);
        writeFile(path / "adapter_config.json", R"({"peft_type": "SHIRA"})");
        try {
            attachAdapter(*model, path);
            QFAIL("an unknown type was read");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("SHIRA") != std::string::npos);
            QVERIFY(error.hint().find("LORA") != std::string::npos);
        }
    }

    void peftLoadsWhatWeWriteWithoutAWarning()
    {
        const QString python = qEnvironmentVariable("TW_REFERENCE_PYTHON");
        if (python.isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft to "
                  "compare with PEFT itself.");
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const auto model = tinyModel();
        const auto adapter = lively(*model);
        const at::Tensor ids = at::arange(3, 20, at::kLong);
        writeAdapter(*adapter, TW_FIXTURES "/train/tiny_llama", path / "adapter");
        writeSafetensors(path / "expected.safetensors",
                         {{"ids", ids}, {"logits", logitsOf(*model, ids)}}, {});
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(python,
                      {QStringLiteral(TW_FIXTURES "/adaptation/check_with_peft.py"),
                       QStringLiteral(TW_FIXTURES "/train/tiny_llama"),
                       folder.filePath(QStringLiteral("adapter")),
                       folder.filePath(QStringLiteral("expected.safetensors"))});
        QVERIFY(process.waitForFinished(300000));
        const QByteArray said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
    }
};

QTEST_GUILESS_MAIN(TestAdapterFolder)
#include "tst_adapter_folder.moc"
