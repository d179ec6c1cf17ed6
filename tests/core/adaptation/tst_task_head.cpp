// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/adapter_parts.h"
#include "core/adaptation/registry.h"
#include "core/adaptation/task_head.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/model/other_task.h"
#include "tests/core/adaptation/peft_check.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kFamilies = fs::path(TW_FIXTURES) / "model/families";

std::shared_ptr<Model> loaded(const ModelSource& source)
{
    JobControl control;
    return loadModel(source, control);
}

at::Tensor logitsOf(const Model& model)
{
    return model.outputs({{"input_ids", at::arange(3, 23, at::kLong).view({2, 10})}}).at("logits");
}

std::unique_ptr<Adapter> lora(Model& model, SiteKind kind)
{
    RandomStream random(5, "test");
    return adaptations().at("lora").attach(model, {{kind, {0}}}, {}, {random});
}

/// Moves every parameter a little, as training would.
void stir(const Adapter& adapter)
{
    for (const auto& [name, tensor] : adapter.parameters())
        tensor.detach().add_(at::linspace(-0.05, 0.04, tensor.numel()).view_as(tensor));
}

Json configIn(const fs::path& folder)
{
    return Json::parse(readFile(folder / "adapter_config.json", 1 << 20));
}

} // namespace

class TestTaskHead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void aClassifierComesBackFromItsFolder_data();
    void aClassifierComesBackFromItsFolder();
    void peftOpensAClassifier_data();
    void peftOpensAClassifier();
    void aHeadAloneComesBack();
    void whatPeftStoresAsPartsKeepsItsHead();
    void aFolderOfPeftsHasUnnamedLabels();
    void withoutItsAdapterTheModelIsAsBefore();
    void aDamagedHeadFileIsRefused();

private:
    fs::path folder() const { return fs::path(m_folder->path().toStdString()) / "adapter"; }
    void comesBack(const ModelSource& base, const at::Tensor& expected)
    {
        const ModelSource again = openModelFor(base.path, {folder().string()});
        const auto model = loaded(again);
        const auto adapter = attachAdapter(*model, folder());
        QVERIFY((logitsOf(*model) - expected).abs().max().item<double>() < 1e-6);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestTaskHead::aClassifierComesBackFromItsFolder_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("task");
    QTest::addColumn<QString>("saved");
    const auto row = [](const char* name, ModelTask task, const char* saved) {
        QTest::newRow(name) << name << static_cast<int>(task) << saved;
    };
    row("bert_masked", ModelTask::SequenceClassification, R"(["bert.pooler","classifier"])");
    row("electra_sequences", ModelTask::TokenClassification, R"(["classifier"])");
    row("deberta_v3_sequences", ModelTask::SequenceClassification, R"(["pooler","classifier"])");
    row("xlm_roberta_sequences", ModelTask::SequenceClassification, R"(["classifier"])");
    row("distilbert_sequences", ModelTask::SequenceClassification,
        R"(["pre_classifier","classifier"])");
}

void TestTaskHead::aClassifierComesBackFromItsFolder()
{
    QFETCH(QString, name);
    QFETCH(int, task);
    QFETCH(QString, saved);
    const ModelSource base = openModelSource(kFamilies / name.toStdString());
    const std::vector<std::string> labels {"no", "maybe", "yes", "never", "always", "once", "?"};
    const auto model = loaded(withTask(base, static_cast<ModelTask>(task), labels, 3));
    auto adapter = withTaskHead(lora(*model, SiteKind::AttnQ), attachTaskHead(*model));
    QVERIFY(adapter->parts().empty());
    QCOMPARE(adapter->treatments().size(), adapter->parameters().size());
    stir(*adapter);
    writeAdapter(*adapter, base.path, folder());
    const Json config = configIn(folder());
    const bool isOfTexts = task == static_cast<int>(ModelTask::SequenceClassification);
    QCOMPARE(config.at("peft_type").get<std::string>(), std::string("LORA"));
    QVERIFY(config.at("modules_to_save") == Json::parse(saved.toStdString()));
    QCOMPARE(config.at("task_type").get<std::string>(),
             std::string(isOfTexts ? "SEQ_CLS" : "TOKEN_CLS"));
    QCOMPARE(taskHeadIn(folder())->labels, labels);
    comesBack(base, logitsOf(*model));
}

void TestTaskHead::peftOpensAClassifier_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"bert_sequences", "bert_tokens", "distilbert_sequences", "gpt2_tokens",
                             "llama_sequences", "xlm_roberta_sequences"})
        QTest::newRow(name) << name;
}

void TestTaskHead::peftOpensAClassifier()
{
    if (referencePython().isEmpty())
        QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft.");
    QFETCH(QString, name);
    const TinyModel tiny {name.toStdString(), kFamilies / name.toStdString()};
    const auto model = loaded(openModelSource(tiny.folder));
    const bool hasOneMatrix = name.startsWith(QLatin1String("gpt2"));
    auto adapter = withTaskHead(lora(*model, hasOneMatrix ? SiteKind::AttnQkv : SiteKind::AttnQ),
                                attachTaskHead(*model));
    stir(*adapter);
    QCOMPARE(peftSaysAgainst(*adapter, tiny, *model), QString());
}

void TestTaskHead::aHeadAloneComesBack()
{
    const ModelSource base = openModelSource(kFamilies / "gpt2");
    const auto model = loaded(withTask(base, ModelTask::TokenClassification, {"a", "b"}, 3));
    auto adapter = withTaskHead(nullptr, attachTaskHead(*model));
    QCOMPARE(adapter->parameters().size(), std::size_t {2});
    stir(*adapter);
    writeAdapter(*adapter, base.path, folder());
    comesBack(base, logitsOf(*model));
    QVERIFY_THROWS_EXCEPTION(Error, attachAdapter(*loaded(base), folder()));
}

void TestTaskHead::whatPeftStoresAsPartsKeepsItsHead()
{
    const ModelSource base = openModelSource(kFamilies / "bert_masked");
    const auto model = loaded(withTask(base, ModelTask::SequenceClassification, {"a", "b"}, 3));
    std::vector<std::unique_ptr<Adapter>> two;
    two.push_back(lora(*model, SiteKind::AttnQ));
    two.push_back(lora(*model, SiteKind::MlpUp));
    auto adapter = withTaskHead(together(std::move(two)), attachTaskHead(*model));
    QVERIFY(!adapter->parts().empty());
    stir(*adapter);
    writeAdapter(*adapter, base.path, folder());
    comesBack(base, logitsOf(*model));
}

void TestTaskHead::aFolderOfPeftsHasUnnamedLabels()
{
    const ModelSource base = openModelSource(kFamilies / "bert_masked");
    const auto model =
        loaded(withTask(base, ModelTask::SequenceClassification, {"a", "b", "c"}, 3));
    auto adapter = withTaskHead(lora(*model, SiteKind::AttnQ), attachTaskHead(*model));
    stir(*adapter);
    writeAdapter(*adapter, base.path, folder());
    fs::remove(folder() / kTaskHeadFile);
    QCOMPARE(taskHeadIn(folder())->labels,
             (std::vector<std::string> {"LABEL_0", "LABEL_1", "LABEL_2"}));
    comesBack(base, logitsOf(*model));
}

void TestTaskHead::withoutItsAdapterTheModelIsAsBefore()
{
    const ModelSource base = openModelSource(kFamilies / "bert_masked");
    const auto model = loaded(withTask(base, ModelTask::SequenceClassification, {"a", "b"}, 3));
    const at::Tensor before = logitsOf(*model);
    auto adapter = withTaskHead(lora(*model, SiteKind::AttnQ), attachTaskHead(*model));
    QVERIFY(at::equal(logitsOf(*model), before));
    stir(*adapter);
    QVERIFY(!at::equal(logitsOf(*model), before));
    adapter->setEnabled(false);
    QVERIFY(at::equal(logitsOf(*model), before));
    adapter->setEnabled(true);
    QVERIFY(!at::equal(logitsOf(*model), before));
    adapter.reset();
    QVERIFY(at::equal(logitsOf(*model), before));
}

void TestTaskHead::aDamagedHeadFileIsRefused()
{
    fs::create_directories(folder());
    for (const char* text :
         {"{}", "[]", R"({"architecture": 3, "labels": ["a"]})",
          R"({"architecture": "BertForSequenceClassification", "labels": []})",
          R"({"architecture": "BertForSequenceClassification", "labels": [1]})"}) {
        writeFile(folder() / kTaskHeadFile, text);
        QVERIFY_THROWS_EXCEPTION(Error, taskHeadIn(folder()));
    }
}

QTEST_APPLESS_MAIN(TestTaskHead)
#include "tst_task_head.moc"
