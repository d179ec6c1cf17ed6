// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/registry.h"
#include "core/analysis/forgetting.h"
#include "core/analysis/registry.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

using namespace tw;

namespace {

const std::filesystem::path kModel = TW_FIXTURES "/model/llama_plain";

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
        JobControl control;
        const auto model = loadModel(openModelSource(kModel), control);
        RandomStream random(1, "test");
        const auto adapter =
            adaptations().at("lora").attach(*model, {{SiteKind::AttnO, {0, 1}}}, {}, random);
        writeAdapter(*adapter, "test", adapterFolder);
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
        QVERIFY(std::abs(analysis.numbers[4].value - 100.0 * std::sqrt(12.0 / 600.0)) < 1e-9);
    }

    void theLossOfATextIsTheMeanOverItsWindows()
    {
        JobControl control;
        const auto model = loadModel(openModelSource(kModel), control);
        std::vector<std::int64_t> ids;
        for (std::int64_t i = 0; i < 23; ++i)
            ids.push_back((7 * i + 3) % 96);
        const TextLoss loss = textLoss(*model, ids, 10, control);
        QCOMPARE(loss.tokens, 9 + 9 + 2);

        const at::NoGradGuard noGrad;
        double sum = 0.0;
        for (const auto& [first, count] :
             {std::pair<std::int64_t, std::int64_t> {0, 10}, {10, 10}, {20, 3}}) {
            const at::Tensor window = at::tensor(ids).narrow(0, first, count);
            const at::Tensor logits =
                model->logits(model->hidden({window, at::arange(count), {0, count}}));
            const at::Tensor logs = at::log_softmax(logits, -1);
            for (std::int64_t i = 0; i + 1 < count; ++i)
                sum -= logs[i][window[i + 1].item<std::int64_t>()].item<double>();
        }
        QVERIFY(std::abs(loss.nats - sum / 20.0) < 1e-5);
        QVERIFY_THROWS_EXCEPTION(Error, textLoss(*model, {5}, 10, control));
    }
};

QTEST_APPLESS_MAIN(TestAnalyses)
#include "tst_analyses.moc"
