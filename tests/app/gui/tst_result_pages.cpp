// SPDX-License-Identifier: Apache-2.0
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/explore/novelty.h"
#include "app/gui/pages/inspect/findings.h"
#include "app/gui/pages/pair_chooser.h"
#include "app/gui/pages/reports/report_content.h"
#include "app/gui/pages/runs/run_curves.h"
#include "app/gui/pages/runs/run_differences.h"
#include "app/gui/pages/runs/run_table_model.h"
#include "app/gui/pages/runs/run_table_view.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "core/store/project_file.h"
#include "core/store/run_log.h"
#include "widgets/basic/inline_message.h"
#include "widgets/report/report_pages.h"
#include "widgets/report/report_preview.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <iterator>
#include <memory>

using namespace tw;

namespace {

Experiment experimentNamed(const std::string& name, std::int64_t rank)
{
    Experiment experiment;
    experiment.name = name;
    experiment.model = "/models/tiny";
    experiment.train.path = "/data/answers.csv";
    experiment.steps = 4;
    experiment.adaptations[0].settings["rank"] = rank;
    return experiment;
}

/// Two blocks of two modules; mlp.down of block 1 moved and has one intruder (best match 0.3).
XrayResult xrayOf(const std::string& adapter)
{
    XrayResult result;
    result.base = {"/models/tiny", ""};
    result.tuned = {"/models/tiny", adapter};
    result.layers = 2;
    result.sites = {"attn.q", "mlp.down"};
    for (const std::string& site : result.sites) {
        for (std::int64_t layer = 0; layer < 2; ++layer) {
            const bool isLoud = site == "mlp.down" && layer == 1;
            XrayCell cell;
            cell.site = site;
            cell.layer = layer;
            cell.rows = cell.columns = 4;
            cell.baseNorm = 10.0;
            cell.changeNorm = isLoud ? 0.3 : 0.1;
            cell.effectiveRank = 1.0;
            cell.changeValues = {cell.changeNorm};
            cell.baseValues = {3.0, 2.0};
            cell.tunedValues = {3.1, 2.1};
            cell.bestMatch = {0.9, isLoud ? 0.3 : 0.8};
            cell.bestMatchIndex = {0, 1};
            cell.similaritySize = 2;
            cell.similarity = {0.9, 0.1, 0.1, isLoud ? 0.3 : 0.8};
            result.cells.push_back(cell);
        }
    }
    return result;
}

ContrastToken tokenOf(const std::string& text, double contrast)
{
    ContrastToken token;
    token.text = text;
    token.contrast = contrast;
    token.logTuned = -0.5;
    token.logBase = token.logTuned - contrast;
    return token;
}

/// A project with one finished run (X-rayed, with texts), one that failed, and one that waits.
void makeProject(const QString& folder)
{
    const auto project = Project::create(folder.toStdString(), "Support bot");
    const auto file = ProjectFile::open(folder.toStdString());
    const std::int64_t finished = project->addRun(experimentNamed("rank 8", 8));
    RunLog log(file, finished);
    log.begin(0);
    for (int step = 0; step <= 4; ++step) {
        if (step > 0)
            log.metric(step, "loss", 3.0 - 0.25 * step);
        log.metric(step, "heldOut.loss", 3.0 - 0.125 * step);
        log.metric(step, "general.loss", 2.5 + 0.01 * step);
        log.progress(step, step * 0.5);
    }
    log.sample(0, "Can I return boots?", "Yes.", "Boots are shoes.");
    log.sample(4, "Can I return boots?", "Yes.", "Yes, within 30 days.");
    const std::string adapter = (file->runFolder(finished) / "adapter").string();
    log.setAdapter(adapter);
    log.setState(RunState::Finished);
    project->addXray(finished, xrayOf(adapter));
    ContrastSample text;
    text.tokens = {tokenOf("Yes", 1.0), tokenOf(" prepaid", 2.0), tokenOf(" prepaid", 1.0)};
    project->addContrastSamples(finished, {text});

    const std::int64_t failed = project->addRun(experimentNamed("rank 16", 16));
    RunLog second(file, failed);
    second.begin(0);
    second.metric(1, "loss", std::nan(""));
    second.progress(1, 0.5);
    second.setState(RunState::Failed,
                    "Stopped at step 1: the loss became NaN.\nTry a learning rate of 2e-5.");
    project->addRun(experimentNamed("waiting", 4));
}

QPushButton* buttonOf(const QWidget& page, const QString& text)
{
    for (QPushButton* button : page.findChildren<QPushButton*>())
        if (button->text() == text && button->isVisibleTo(&page))
            return button;
    return nullptr;
}

} // namespace

class TestResultPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void theTableOfRunsKeepsQtsRules();
    void whatWasNotMeasuredIsSortedLast();
    void theFilterUnderstandsComparisons_data();
    void theFilterUnderstandsComparisons();
    void forgettingIsTheRiseOnGeneralText();
    void fieldsAreNamedInWords_data();
    void fieldsAreNamedInWords();
    void onlySettingsThatDifferAreListed();
    void findingsAddUp();
    void theGridFollowsTheThreshold();
    void tokensOfOneTextOnlyOnceAreNotListed();
    void runsShowsTheBegunRunAndItsCurves();
    void severalChosenRunsAreCompared();
    void duplicatingARunChangesTheDraft();
    void inspectShowsTheStoredResultAtOnce();
    void inspectCountsIntrudersAnewAtEachThreshold();
    void exploreShowsTheTextsThatWereKept();
    void reportsPreviewsWhatTheProjectHolds();
    void aGrowingProjectLeavesThePreviewAlone();
    void homeKeepsItsRowsWhileRunsGoOn();
    void everyPageInvitesWhereThereIsNothing_data();
    void everyPageInvitesWhereThereIsNothing();

private:
    std::unique_ptr<Page> open(Page* (*make)(Session&));

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
};

void TestResultPages::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
}

void TestResultPages::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const QString place = m_folder->filePath(QStringLiteral("project"));
    makeProject(place);
    m_session = std::make_unique<Session>();
    m_session->openProject(place);
    QVERIFY(m_session->project() != nullptr);
}

void TestResultPages::cleanup()
{
    m_session.reset();
    m_folder.reset();
}

std::unique_ptr<Page> TestResultPages::open(Page* (*make)(Session&))
{
    std::unique_ptr<Page> page(make(*m_session));
    page->resize(1208, 756);
    page->projectChanged();
    page->show();
    return page;
}

void TestResultPages::theTableOfRunsKeepsQtsRules()
{
    RunTableModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    RunFilter filter;
    const QAbstractItemModelTester filterTester(
        &filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    filter.setSourceModel(&model);
    std::vector<RunSummary> runs = m_session->project()->runs();
    model.setRuns({runs[0]});
    model.setRuns(runs); // grows
    runs[0].metrics["loss"] = 1.5;
    model.setRuns(runs); // changes
    runs.erase(runs.begin());
    model.setRuns(runs); // shrinks
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(filter.rowCount(), 2);
}

void TestResultPages::whatWasNotMeasuredIsSortedLast()
{
    std::vector<RunSummary> runs(6);
    const double losses[] {2.0, std::nan(""), 1.0, 3.0};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].id = static_cast<std::int64_t>(i) + 1;
        if (i < std::size(losses))
            runs[i].metrics["loss"] = losses[i];
    }
    RunTableModel model;
    model.setRuns(runs);
    RunFilter filter;
    filter.setSourceModel(&model);
    const auto order = [&] {
        std::vector<qint64> ids;
        for (int row = 0; row < filter.rowCount(); ++row)
            ids.push_back(filter.index(row, 0).data(RunTableModel::RunRole).toLongLong());
        return ids;
    };
    filter.sort(RunTableModel::Loss, Qt::AscendingOrder);
    QCOMPARE(order(), (std::vector<qint64> {3, 1, 4, 2, 5, 6}));
    filter.sort(RunTableModel::Loss, Qt::DescendingOrder);
    QCOMPARE(order(), (std::vector<qint64> {4, 1, 3, 2, 5, 6}));
}

void TestResultPages::theFilterUnderstandsComparisons_data()
{
    QTest::addColumn<QString>("wish");
    QTest::addColumn<int>("rows");
    QTest::newRow("everything") << QString() << 3;
    QTest::newRow("a word of a name") << QStringLiteral("rank") << 2;
    QTest::newRow("a state") << QStringLiteral("failed") << 1;
    QTest::newRow("a low held-out loss") << QStringLiteral("held-out < 2.6") << 1;
    QTest::newRow("one that nobody reached") << QStringLiteral("held-out < 1") << 0;
    QTest::newRow("steps done") << QStringLiteral("step > 2") << 1;
    QTest::newRow("below zero") << QStringLiteral("forgetting > -0.5") << 1;
    QTest::newRow("below zero, with a real minus") << QStringLiteral("forgetting < −0.5") << 0;
    QTest::newRow("what is shown") << QStringLiteral("forgetting = 0.04") << 1;
    QTest::newRow("not what is shown") << QStringLiteral("held-out = 2.6") << 0;
    QTest::newRow("a column of words") << QStringLiteral("state < 3") << 0;
}

void TestResultPages::theFilterUnderstandsComparisons()
{
    QFETCH(QString, wish);
    QFETCH(int, rows);
    RunTableModel model;
    model.setRuns(m_session->project()->runs());
    RunFilter filter;
    filter.setSourceModel(&model);
    filter.setWish(wish);
    QCOMPARE(filter.rowCount(), rows);
}

void TestResultPages::forgettingIsTheRiseOnGeneralText()
{
    const std::vector<RunSummary> runs = m_session->project()->runs();
    QVERIFY(std::abs(forgettingOf(runs[0]) - 0.04) < 1e-12);
    QVERIFY(std::isnan(forgettingOf(runs[1])));
}

void TestResultPages::fieldsAreNamedInWords_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("words");
    QTest::newRow("of the document") << QStringLiteral("maxLength") << QStringLiteral("Length");
    QTest::newRow("of a method") << QStringLiteral("adaptations[0].settings.rank")
                                 << QStringLiteral("Rank");
    QTest::newRow("of the optimiser")
        << QStringLiteral("optimizer.settings.learningRate") << QStringLiteral("Learning rate");
    QTest::newRow("a site") << QStringLiteral("adaptations[0].sites.attn.q")
                            << QStringLiteral("attn.q");
}

void TestResultPages::fieldsAreNamedInWords()
{
    QFETCH(QString, field);
    QTEST(fieldInWords(field.toStdString()), "words");
}

void TestResultPages::onlySettingsThatDifferAreListed()
{
    DifferenceModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    Experiment a = experimentNamed("same", 8);
    Experiment b = experimentNamed("same", 16);
    model.setRuns({{1, 1, a}, {2, 2, b}, {3, 3, a}});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("8"));
    QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("16"));
    QVERIFY(model.index(0, 2).data(DifferenceModel::DiffersRole).toBool());
    QVERIFY(!model.index(0, 3).data(DifferenceModel::DiffersRole).toBool());
}

void TestResultPages::findingsAddUp()
{
    const XrayFindings findings = findingsOf(xrayOf("adapter"), 0.5);
    QCOMPARE(findings.matrices, 4);
    QCOMPARE(findings.relativeChange, std::sqrt(0.12 / 400.0)); // 3 * 0.1^2 + 0.3^2 over 4 * 10^2
    QCOMPARE(findings.mostMoved, std::string("mlp.down"));
    QCOMPARE(findings.mostMean, 0.02);
    QCOMPARE(findings.intruders, 1);
    QCOMPARE(findings.directions, 8);
    QCOMPARE(findings.matricesWithIntruders, 1);
    QCOMPARE(findings.lastBlock, 1);
    QVERIFY(std::abs(findings.shareThere - 10.0 / 12.0) < 1e-12);
}

void TestResultPages::theGridFollowsTheThreshold()
{
    const XrayResult result = xrayOf("adapter");
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.5).marks,
             (std::vector<int> {0, 0, 0, 1}));
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.85).marks,
             (std::vector<int> {1, 1, 1, 1}));
    QCOMPARE(gridOf(result, XrayMeasure::RelativeChange, 0.5).values[3], 3.0); // per cent
    QCOMPARE(gridOf(result, XrayMeasure::Intruders, 0.2).values[3], 0.0);
}

void TestResultPages::tokensOfOneTextOnlyOnceAreNotListed()
{
    const std::vector<WantedToken> wanted =
        wantedMost(m_session->project()->contrastSamplesOf(1), 5);
    QCOMPARE(wanted.size(), std::size_t {1});
    QCOMPARE(wanted[0], (WantedToken {QStringLiteral("prepaid"), 1.5, 2}));
}

void TestResultPages::runsShowsTheBegunRunAndItsCurves()
{
    const auto page = open(makeRunsPage);
    page->showRun(1);
    const auto* curves = page->findChild<RunCurves*>();
    QCOMPARE(const_cast<RunCurves*>(curves)->plot().curves().size(), std::size_t {2});
    QCOMPARE(const_cast<RunCurves*>(curves)->plot().curves()[0].y,
             (std::vector<double> {2.75, 2.5, 2.25, 2.0}));
    QVERIFY(buttonOf(*page, QStringLiteral("Inspect")) != nullptr);
    QVERIFY(buttonOf(*page, QStringLiteral("Pause")) == nullptr); // nothing is under way
    page->showRun(2);
    bool isSaid = false;
    for (const InlineMessage* message : page->findChildren<InlineMessage*>())
        isSaid = isSaid
            || (message->isVisible()
                && message->sentence()
                    == QStringLiteral("Stopped at step 1: the loss became NaN."));
    QVERIFY(isSaid);
}

void TestResultPages::severalChosenRunsAreCompared()
{
    const auto page = open(makeRunsPage);
    auto* view = page->findChild<RunTableView*>();
    view->selectAll();
    const auto* differences = page->findChild<DifferenceModel*>();
    QCOMPARE(differences->columnCount(), 4);
    QVERIFY(page->findChild<RunDifferences*>()->isVisible());
    page->findChild<QLineEdit*>()->setText(QStringLiteral("rank 8"));
    QCOMPARE(view->model()->rowCount(), 1);
}

void TestResultPages::duplicatingARunChangesTheDraft()
{
    const auto page = open(makeRunsPage);
    page->showRun(1);
    PageId shown = PageId::Home;
    connect(m_session.get(), &Session::pageAsked, page.get(), [&shown](PageId id) { shown = id; });
    QPushButton* duplicate = buttonOf(*page, QStringLiteral("Duplicate and change"));
    QVERIFY(duplicate != nullptr);
    duplicate->click();
    QCOMPARE(shown, PageId::Tune);
    const Experiment draft = m_session->project()->draft();
    QCOMPARE(draft.name, std::string("rank 8, changed"));
    QCOMPARE(std::get<std::int64_t>(draft.adaptations[0].settings.at("rank")), 8);
}

void TestResultPages::inspectShowsTheStoredResultAtOnce()
{
    const auto page = open(makeInspectPage);
    page->showRun(1);
    const auto* grid = page->findChild<XrayGrid*>();
    QVERIFY(grid->isVisible());
    QCOMPARE(*grid->selected(), QPoint(1, 1)); // what moved most
    QVERIFY(buttonOf(*page, QStringLiteral("X-ray it")) == nullptr);
}

void TestResultPages::inspectCountsIntrudersAnewAtEachThreshold()
{
    const auto page = open(makeInspectPage);
    page->showRun(1);
    const auto* grid = page->findChild<XrayGrid*>();
    auto* epsilon = page->findChild<QSlider*>();
    epsilon->setValue(20);
    QCOMPARE(grid->data().marks, (std::vector<int> {0, 0, 0, 0}));
    epsilon->setValue(85);
    QCOMPARE(grid->data().marks, (std::vector<int> {1, 1, 1, 1}));
}

void TestResultPages::exploreShowsTheTextsThatWereKept()
{
    const auto page = open(makeExplorePage);
    page->showRun(1);
    const auto* list = page->findChild<ShadedList*>();
    QCOMPARE(list->plainText(), QStringLiteral("Yes prepaid prepaid\n"));
    QCOMPARE(list->rows()[0].score, QStringLiteral("+1.33")); // mean of 1, 2 and 1
    bool hasPrompt = false;
    for (const QPlainTextEdit* field : page->findChildren<QPlainTextEdit*>())
        hasPrompt = hasPrompt || field->toPlainText() == QStringLiteral("Can I return boots?");
    QVERIFY(hasPrompt);
}

void TestResultPages::reportsPreviewsWhatTheProjectHolds()
{
    const auto page = open(makeReportsPage);
    page->showRun(1);
    const QString words = page->findChild<ReportPreview*>()->accessibleDescription();
    for (const QString& expected :
         {QStringLiteral("Support bot, run 1"), QStringLiteral("Held-out loss: 2.50"),
          QStringLiteral("Forgetting: +0.04"), QStringLiteral("1 of 8"),
          QStringLiteral("Yes, within 30 days."), QStringLiteral(" prepaid"),
          QStringLiteral("Rank,8")})
        QVERIFY2(words.contains(expected),
                 qPrintable(expected + QStringLiteral(" is missing in:\n") + words));
}

void TestResultPages::aGrowingProjectLeavesThePreviewAlone()
{
    const auto page = open(makeReportsPage);
    page->showRun(1);
    const auto* preview = page->findChild<ReportPreview*>();
    const std::shared_ptr<const ReportPages> before = preview->pages();
    QVERIFY(before != nullptr);
    m_session->project()->addRun(experimentNamed("another", 2));
    page->refresh();
    QTRY_VERIFY(page->isSettled());
    QCOMPARE(preview->pages(), before);
    page->findChild<QPlainTextEdit*>()->setPlainText(QStringLiteral("A note."));
    QTRY_VERIFY(page->isSettled());
    QVERIFY(preview->pages() != before);
}

void TestResultPages::homeKeepsItsRowsWhileRunsGoOn()
{
    const auto page = open(makeHomePage);
    const auto row = [&] {
        for (QPushButton* button : page->findChildren<QPushButton*>())
            if (button->accessibleName().startsWith(QStringLiteral("Run 1, ")))
                return button;
        return static_cast<QPushButton*>(nullptr);
    };
    const QPointer<QPushButton> held = row();
    QVERIFY(held != nullptr);
    QVERIFY(held->accessibleName().contains(QStringLiteral("forgetting +0.04 nats")));
    m_session->project()->renameRun(1, "another name");
    page->refresh();
    QCOMPARE(row(), held.data());
    QVERIFY(held->accessibleName().contains(QStringLiteral("another name")));
    QTRY_VERIFY(page->isSettled()); // the disk is counted
}

void TestResultPages::everyPageInvitesWhereThereIsNothing_data()
{
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("button");
    QTest::newRow("runs") << 0 << QStringLiteral("Set up a run");
    QTest::newRow("inspect") << 1 << QStringLiteral("Set up a run");
    QTest::newRow("explore") << 2 << QStringLiteral("Set up a run");
    QTest::newRow("reports") << 3 << QStringLiteral("Set up a run");
}

void TestResultPages::everyPageInvitesWhereThereIsNothing()
{
    QFETCH(int, which);
    QFETCH(QString, button);
    m_session->createProject(m_folder->filePath(QStringLiteral("empty")));
    constexpr Page* (*kMakers[])(Session&) = {makeRunsPage, makeInspectPage, makeExplorePage,
                                              makeReportsPage};
    const auto page = open(kMakers[which]);
    PageId shown = PageId::Home;
    connect(m_session.get(), &Session::pageAsked, page.get(), [&shown](PageId id) { shown = id; });
    QPushButton* invitation = buttonOf(*page, button);
    QVERIFY(invitation != nullptr);
    invitation->click();
    QCOMPARE(shown, PageId::Tune);
}

QTEST_MAIN(TestResultPages)
#include "tst_result_pages.moc"
