// SPDX-License-Identifier: Apache-2.0
#include "core/store/run_log.h"
#include "core/workbench/lineage.h"
#include "core/workbench/project.h"
#include "core/workbench/project_state.h"
#include "core/workbench/tools.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <fstream>
#include <limits>

using namespace tw;
namespace fs = std::filesystem;

class TestProject : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aRunIsFrozenAndQueued();
    void theDraftComesBack();
    void metricsAreReadByNameAndFromAStepOn();
    void theTableOfRunsKnowsFirstAndLatestValues();
    void aRunWhoseProcessIsGoneIsInterrupted();
    void deletingARunTakesItsFolderAndWhatHangsOnIt();
    void aRunThatIsTrainedIsNotDeleted();
    void resultsComeBackAsTheyWere();
    void aResultThatCannotBeReadHidesNoOther();
    void modelsAndDataAreRememberedOnce();
    void aProjectThatIsMovedStillFindsItsAdapters();
    void aModelIsNamedByProjectRunAndStep();
    void lineageLeadsFromTheBaseToWhatWasMerged();
    void notesThatNameEachOtherEndTheLineage();

private:
    QTemporaryDir m_folder;
    int m_count = 0;
    std::shared_ptr<Project> m_project;

    std::int64_t addRun(const std::string& name)
    {
        Experiment experiment;
        experiment.name = name;
        experiment.model = "/models/Tiny.gguf";
        return m_project->addRun(experiment);
    }
    RunLog log(std::int64_t run) { return RunLog(m_project->state().file, run); }
};

void TestProject::init()
{
    m_project = Project::create(fs::path(m_folder.path().toStdString()) / std::to_string(m_count++),
                                "Shop");
}

void TestProject::aRunIsFrozenAndQueued()
{
    Experiment experiment;
    experiment.name = "first";
    experiment.model = "/models/Tiny.gguf";
    experiment.steps = 33;
    const auto run = m_project->addRun(experiment);
    experiment.steps = 44;
    QCOMPARE(m_project->experimentOf(run).steps, 33);
    const RunSummary summary = m_project->run(run);
    QCOMPARE(summary.state, RunState::Queued);
    QCOMPARE(summary.model, std::string("Tiny"));
    QCOMPARE(summary.steps, 33);
    const auto second = addRun("second");
    QCOMPARE(m_project->queue(), (std::vector<std::int64_t> {run, second}));
    QVERIFY_THROWS_EXCEPTION(Error, m_project->run(999));
    QCOMPARE(Project::open(m_project->folder())->runs().size(), std::size_t {2});
}

void TestProject::theDraftComesBack()
{
    QCOMPARE(m_project->draft(), Experiment {});
    Experiment experiment;
    experiment.name = "draft";
    experiment.adaptations[0].sites["mlp.up"] = "0,4";
    m_project->setDraft(experiment);
    QCOMPARE(Project::open(m_project->folder())->draft(), experiment);
}

void TestProject::metricsAreReadByNameAndFromAStepOn()
{
    const auto run = addRun("r");
    {
        RunLog writer(m_project->state().file, run);
        writer.begin(0);
        for (std::int64_t step = 1; step <= 10; ++step)
            writer.metric(step, "loss", static_cast<double>(step) / 8);
        writer.metric(10, "bad", std::numeric_limits<double>::quiet_NaN());
    }
    QCOMPARE(m_project->metricNames(run), (std::vector<std::string> {"bad", "loss"}));
    QCOMPARE(m_project->metric(run, "loss").size(), std::size_t {10});
    QCOMPARE(m_project->metric(run, "loss", 8),
             (std::vector<MetricPoint> {{9, 1.125}, {10, 1.25}}));
    QVERIFY(std::isnan(m_project->metric(run, "bad").at(0).value));
    QVERIFY(m_project->metric(run, "unknown").empty());
}

void TestProject::theTableOfRunsKnowsFirstAndLatestValues()
{
    const auto run = addRun("r");
    {
        RunLog writer(m_project->state().file, run);
        writer.begin(0);
        writer.metric(0, "heldOut.loss", 3.0);
        writer.metric(20, "heldOut.loss", 1.5);
        writer.progress(20, 7.5);
        writer.setAdapter("runs/1/adapter");
        writer.setState(RunState::Failed, "It broke.\nMend it.");
    }
    {
        RunLog writer(m_project->state().file, run);
        writer.metric(20, "general.loss", std::numeric_limits<double>::quiet_NaN());
    }
    const RunSummary summary = m_project->runs().at(0);
    QVERIFY(std::isnan(summary.metrics.at("general.loss")));
    QCOMPARE(summary.firstMetrics.at("heldOut.loss"), 3.0);
    QCOMPARE(summary.metrics.at("heldOut.loss"), 1.5);
    QCOMPARE(summary.step, 20);
    QCOMPARE(summary.seconds, 7.5);
    QCOMPARE(summary.state, RunState::Failed);
    QCOMPARE(summary.failure, std::string("It broke.\nMend it."));
    QCOMPARE(summary.adapter, (m_project->folder() / "runs/1/adapter").string());
}

void TestProject::aRunWhoseProcessIsGoneIsInterrupted()
{
    const auto run = addRun("r");
    log(run).begin(0);
    QCOMPARE(m_project->run(run).state, RunState::Running);
    m_project->state().file->writable().write("UPDATE run SET process = 'another boot 1 2'");
    QCOMPARE(m_project->run(run).state, RunState::Interrupted);
}

void TestProject::deletingARunTakesItsFolderAndWhatHangsOnIt()
{
    const auto run = addRun("goes");
    const auto other = addRun("stays");
    {
        RunLog writer(m_project->state().file, run);
        writer.metric(1, "loss", 1.0);
        writer.event(1, "note", "text");
    }
    const fs::path folder = m_project->state().file->runFolder(run);
    fs::create_directories(folder / "checkpoints" / "step-1");
    m_project->deleteRun(run);
    QVERIFY(!fs::exists(folder));
    QVERIFY(m_project->events(run).empty());
    QVERIFY(m_project->metricNames(run).empty());
    QCOMPARE(m_project->runs().size(), std::size_t {1});
    QCOMPARE(m_project->runs().at(0).id, other);
}

void TestProject::aRunThatIsTrainedIsNotDeleted()
{
    const auto run = addRun("r");
    log(run).begin(0);
    QVERIFY_THROWS_EXCEPTION(Error, m_project->deleteRun(run));
    QCOMPARE(m_project->runs().size(), std::size_t {1});
}

void TestProject::resultsComeBackAsTheyWere()
{
    const auto run = addRun("r");
    XrayResult xray;
    xray.layers = 1;
    xray.sites = {"attn.q"};
    XrayCell cell;
    cell.site = "attn.q";
    cell.baseNorm = 2.0;
    cell.changeNorm = 0.5;
    cell.bestMatch = {0.25, 1.0};
    xray.cells = {cell};
    m_project->addXray(run, xray);
    QCOMPARE(m_project->xrayOf(run), std::optional(xray));
    QVERIFY(!m_project->xrayOf(run + 1));

    AnalysisResult other;
    other.method = "other";
    other.title = "Own";
    other.provenance = "{}";
    m_project->addAnalysis(0, other);
    QCOMPARE(m_project->analyses().size(), std::size_t {2});
    QCOMPARE(m_project->analyses(run).size(), std::size_t {1});
    QCOMPARE(m_project->analyses(run).at(0).result.method, toAnalysis(xray).method);

    ContrastSample sample;
    sample.score = 1.5;
    sample.tokens = {{4,
                      " shop",
                      2.0,
                      -0.5,
                      -std::numeric_limits<double>::infinity(),
                      3,
                      {{4, " shop", 0.6, 0.1}}}};
    m_project->addContrastSamples(run, {sample});
    QCOMPARE(m_project->contrastSamplesOf(run), std::vector<ContrastSample> {sample});
}

void TestProject::aResultThatCannotBeReadHidesNoOther()
{
    const auto run = addRun("r");
    AnalysisResult good;
    good.title = "Good";
    good.provenance = "{}";
    m_project->addAnalysis(run, good);
    m_project->addXray(run, {});
    m_project->addContrastSamples(run, {{}});
    Database& database = m_project->state().file->writable();
    database.write("UPDATE analysis SET result = '{\"cells\": 3}' WHERE kind = 'xray'");
    database.write("UPDATE analysis SET result = '[{\"score\": 1}]' WHERE kind = 'contrast'");
    const auto analyses = m_project->analyses(run);
    QCOMPARE(analyses.size(), std::size_t {2});
    QCOMPARE(analyses[0].result, good);
    QVERIFY(analyses[1].result.summary.find("Run the X-ray") != std::string::npos);
    QVERIFY_THROWS_EXCEPTION(Error, m_project->contrastSamplesOf(run));
}

void TestProject::modelsAndDataAreRememberedOnce()
{
    m_project->addModel("/a");
    m_project->addModel("/b");
    m_project->addModel("/a");
    m_project->addDataset("/d.csv");
    QCOMPARE(m_project->models(), (std::vector<std::string> {"/a", "/b"}));
    QCOMPARE(m_project->datasets(), std::vector<std::string> {"/d.csv"});
}

void TestProject::aProjectThatIsMovedStillFindsItsAdapters()
{
    const auto run = addRun("r");
    const fs::path checkpoint = m_project->state().file->runFolder(run) / "checkpoints" / "step-5";
    fs::create_directories(checkpoint);
    log(run).checkpoint(5, fs::relative(checkpoint, m_project->folder()).string());
    const fs::path old = m_project->folder();
    m_project.reset();
    const fs::path moved = old.string() + "-moved";
    fs::rename(old, moved);
    const auto checkpoints = Project::open(moved)->checkpoints(run);
    QCOMPARE(checkpoints.size(), std::size_t {1});
    QCOMPARE(checkpoints.at(0).folder,
             (moved / "runs" / std::to_string(run) / "checkpoints" / "step-5").string());
}

void TestProject::aModelIsNamedByProjectRunAndStep()
{
    const auto run = addRun("r");
    const fs::path checkpoint = m_project->state().file->runFolder(run) / "checkpoints" / "step-5";
    fs::create_directories(checkpoint);
    log(run).checkpoint(5, "runs/" + std::to_string(run) + "/checkpoints/step-5");
    const std::string name = m_project->folder().string() + "#" + std::to_string(run);
    QCOMPARE(resolveModel(name + "@0", {}), (ModelRef {"/models/Tiny.gguf", {}}));
    QCOMPARE(resolveModel(name + "@5", {}), (ModelRef {"/models/Tiny.gguf", checkpoint.string()}));
    QCOMPARE(resolveModel(name, {"/more"}),
             (ModelRef {"/models/Tiny.gguf", checkpoint.string(), {"/more"}}));
    QCOMPARE(resolveModel("/plain", {"/a", "/b"}), (ModelRef {"/plain", "/a", {"/b"}}));
    QVERIFY_THROWS_EXCEPTION(Error, resolveModel(name + "@6", {}));
    QVERIFY_THROWS_EXCEPTION(Error, resolveModel(m_project->folder().string() + "#x", {}));
    QVERIFY_THROWS_EXCEPTION(Error, resolveModel("/nowhere#1", {}));
}

/// Kind, title and parents of each: what a person sees of a lineage.
static QStringList wordsOf(const std::vector<LineageNode>& nodes)
{
    const QStringList kinds {"model", "run", "adapter", "merged"};
    QStringList words;
    for (const LineageNode& node : nodes) {
        QString line = kinds.at(static_cast<int>(node.kind)) + " " + node.title.c_str();
        for (const std::size_t parent : node.parents)
            line += QString(" <%1").arg(parent);
        words.append(line + (node.isThere ? "" : " gone"));
    }
    return words;
}

void TestProject::lineageLeadsFromTheBaseToWhatWasMerged()
{
    const auto run = addRun("tuned");
    addRun("waiting");
    const fs::path adapter = m_project->state().file->runFolder(run) / "adapter";
    const fs::path merged = m_project->folder() / "models" / "Shop-merged";
    const fs::path stranger = m_project->folder() / "models" / "other";
    for (const fs::path& folder : {adapter, merged, stranger})
        fs::create_directories(folder);
    log(run).setAdapter("runs/" + std::to_string(run) + "/adapter");
    writeLineageNote(merged, {"/models/Tiny.gguf", adapter.string()}, "Q8_0");
    m_project->addModel("/models/Tiny.gguf");
    m_project->addModel(merged.string());
    m_project->addModel(stranger.string());
    const QStringList all {"model Tiny.gguf gone", "run tuned <0", "run waiting <0",
                           "adapter tuned <1", "merged Shop-merged <3 <0"};
    const auto found = lineageOf(*m_project, "/models/Tiny.gguf"); // that adapter names no base
    QCOMPARE(wordsOf(found), all);
    QCOMPARE(found.back().detail, "Q8_0");
    QCOMPARE(found.at(1).run, run);
    QCOMPARE(lineageOf(*m_project, merged.string() + "/"), found);
    QCOMPARE(wordsOf(lineageOf(*m_project, stranger.string())), QStringList {"model other"});
}

void TestProject::notesThatNameEachOtherEndTheLineage()
{
    const fs::path a = m_project->folder() / "a";
    const fs::path b = m_project->folder() / "b";
    fs::create_directories(a);
    fs::create_directories(b);
    writeLineageNote(a, {b.string(), ""}, "");
    writeLineageNote(b, {a.string(), ""}, "");
    QVERIFY(lineageOf(*m_project, a.string()).empty()); // neither can stand before the other
    std::ofstream(b / "tunewright.json") << "no JSON";
    QCOMPARE(wordsOf(lineageOf(*m_project, a.string())), (QStringList {"model b", "merged a <0"}));
}

QTEST_APPLESS_MAIN(TestProject)
#include "tst_project.moc"
