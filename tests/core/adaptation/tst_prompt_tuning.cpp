// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/base/json.h"
#include "tests/contract/tiny_models.h"
#include "tests/core/adaptation/peft_check.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const Adaptation& promptTuning()
{
    return adaptations().at("prompt_tuning");
}

const SiteSelection kPrompt {{SiteKind::Prompt, {-1}}};

std::unique_ptr<Adapter> fresh(Model& model, const ParamValues& settings)
{
    RandomStream random(7, "test");
    return promptTuning().attach(model, kPrompt, settings, {random});
}

at::Tensor startOf(Model& model, const ParamValues& settings)
{
    return fresh(model, settings)->parameters().front().second.detach();
}

std::shared_ptr<Model> gemma3()
{
    JobControl control;
    return loadModel(openModelSource(TW_FIXTURES "/model/families/gemma3"), control);
}

QString saysOf(std::size_t which, const SiteSelection& selection, const ParamValues& settings)
{
    const auto model = load(tinyModels().at(which));
    const Problems problems = promptTuning().check(model->sites(), selection, settings);
    return problems.empty()
        ? QString()
        : QString::fromStdString(problems.front().field + ": " + problems.front().what);
}

} // namespace

class TestPromptTuning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void chosenTokensAreRepeatedOrCut_data()
    {
        QTest::addColumn<qint64>("count");
        QTest::addColumn<QList<qint64>>("ids");
        QTest::newRow("repeated") << qint64(5) << QList<qint64> {7, 40, 9, 7, 40};
        QTest::newRow("cut") << qint64(2) << QList<qint64> {7, 40};
    }

    void chosenTokensAreRepeatedOrCut()
    {
        QFETCH(qint64, count);
        QFETCH(QList<qint64>, ids);
        const auto model = load(tinyModels().at(0));
        const at::Tensor start = startOf(*model,
                                         {{"virtualTokens", std::int64_t {count}},
                                          {"start", std::string("tokens")},
                                          {"ids", std::string(" 7, 40 9")}});
        const std::vector<std::int64_t> expected(ids.begin(), ids.end());
        QVERIFY(
            at::equal(start, model->embedding().forward(at::tensor(expected, at::kLong)).detach()));
    }

    void tokensBeforeTheTextAreReadAsTheWordsThemselves_data()
    {
        QTest::addColumn<std::size_t>("which");
        QTest::newRow("Llama") << std::size_t {0};
        QTest::newRow("GPT-2") << std::size_t {1};
        QTest::newRow("Gemma 3, which scales its rows") << std::size_t {9};
    }

    void tokensBeforeTheTextAreReadAsTheWordsThemselves()
    {
        QFETCH(std::size_t, which);
        const at::NoGradGuard noGradients;
        const auto model = which == 9 ? gemma3() : load(tinyModels().at(which));
        const at::Tensor words = at::tensor({7, 40, 9, 5, 6, 11}, at::kLong);
        const auto hidden = [&](const at::Tensor& ids) {
            return model->hidden({ids, at::arange(ids.size(0)), {0, ids.size(0)}});
        };
        const at::Tensor expected = hidden(words).narrow(0, 3, 3);
        const auto adapter = fresh(*model,
                                   {{"virtualTokens", std::int64_t {3}},
                                    {"start", std::string("tokens")},
                                    {"ids", std::string("7 40 9")}});
        QVERIFY(at::allclose(hidden(words.narrow(0, 3, 3)), expected, 1e-4, 1e-5));
    }

    void drawnTokensAreRowsOfTheTable()
    {
        const auto model = load(tinyModels().at(0));
        const at::Tensor start = startOf(*model, {});
        QCOMPARE(start.size(0), 20);
        const at::Tensor table = model->embedding().weight;
        for (std::int64_t i = 0; i < start.size(0); ++i)
            QVERIFY((table == start[i]).all(1).any().item<bool>());
    }

    void randomNumbersHaveDeviationOne()
    {
        const auto model = load(tinyModels().at(0));
        const at::Tensor start = startOf(
            *model, {{"start", std::string("random")}, {"virtualTokens", std::int64_t {100}}});
        QVERIFY(std::abs(start.std().item<double>() - 1.0) < 0.03);
    }

    void theBaseIsNotTrainedWithIt()
    {
        const auto model = load(tinyModels().at(0));
        const at::Tensor before = model->embedding().weight.clone();
        const auto adapter = fresh(*model, {});
        adapter->parameters().front().second.detach().add_(1.0);
        QVERIFY(at::equal(model->embedding().weight, before)); // drawn rows are copies
    }

    void whatDoesNotFitIsSaidAtItsField_data()
    {
        QTest::addColumn<std::size_t>("model");
        QTest::addColumn<std::string>("ids");
        QTest::addColumn<QString>("says");
        QTest::newRow("a word") << std::size_t {0} << std::string("7 cat")
                                << QStringLiteral("settings.ids: \"cat\"");
        QTest::newRow("below 0") << std::size_t {0} << std::string("-7")
                                 << QStringLiteral("settings.ids: \"-7\"");
        QTest::newRow("nothing") << std::size_t {0} << std::string(" , ")
                                 << QStringLiteral("settings.ids: No token");
        QTest::newRow("beyond the vocabulary")
            << std::size_t {0} << std::string("7 96") << QStringLiteral("from 0 to 95");
        QTest::newRow("an encoder")
            << std::size_t {2} << std::string("7") << QStringLiteral("sites: Prompt tuning");
        QTest::newRow("an encoder with its decoder")
            << std::size_t {3} << std::string("7") << QStringLiteral("sites: Prompt tuning");
        QTest::newRow("all well") << std::size_t {0} << std::string("7,95") << QString();
    }

    void whatDoesNotFitIsSaidAtItsField()
    {
        QFETCH(std::size_t, model);
        QFETCH(std::string, ids);
        QFETCH(QString, says);
        const QString said =
            saysOf(model, kPrompt, {{"start", std::string("tokens")}, {"ids", ids}});
        QVERIFY2(says.isEmpty() ? said.isEmpty() : said.contains(says), qPrintable(said));
    }

    void otherSitesAreRefused()
    {
        QVERIFY(saysOf(0, {}, {}).contains("attached nowhere"));
        QVERIFY(saysOf(0, {{SiteKind::AttnQ, {0}}}, {}).contains("cannot sit at attn.q"));
    }

    void peftOpensIt()
    {
        if (referencePython().isEmpty())
            QSKIP("Set TW_REFERENCE_PYTHON to a Python with torch, transformers and peft.");
        for (const std::size_t which : {0U, 1U}) { // Llama, GPT-2
            const auto model = load(tinyModels().at(which));
            const auto adapter = fresh(*model, {{"virtualTokens", std::int64_t {5}}});
            const QString said = peftSaysAgainst(*adapter, tinyModels().at(which), *model);
            QVERIFY2(said.isEmpty(), qPrintable(said));
        }
    }

    void theFileIsOneOfPeft()
    {
        const auto model = load(tinyModels().at(0));
        const auto adapter = fresh(*model, {{"virtualTokens", std::int64_t {3}}});
        const Json ours = parseJson(adapter->peftConfig("../train/tiny_llama"), "ours");
        const Json theirs =
            readJsonFile(TW_FIXTURES "/adaptation/prompt_tuning/adapter_config.json", 1U << 20U);
        for (const auto& [key, value] : theirs.items())
            QVERIFY2(ours.contains(key) && (ours.at(key) == value), key.c_str());
        QCOMPARE(ours.size(), theirs.size());
        const QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "adapter";
        writeAdapter(*adapter, "base", path);
        const auto file = openTensorFile(path / "adapter_model.safetensors");
        QCOMPARE(file->tensors().size(), std::size_t {1});
        QVERIFY(at::equal(file->read("prompt_embeddings"),
                          adapter->parameters().front().second.detach()));
    }
};

QTEST_GUILESS_MAIN(TestPromptTuning)
#include "tst_prompt_tuning.moc"
