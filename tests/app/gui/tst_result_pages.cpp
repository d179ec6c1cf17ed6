// SPDX-License-Identifier: Apache-2.0
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/pair_chooser.h"
#include "app/gui/pages/reports/report_content.h"
#include "app/gui/pages/runs/run_curves.h"
#include "app/gui/pages/runs/run_differences.h"
#include "app/gui/pages/runs/run_table_view.h"
#include "app/gui/session.h"
#include "tests/app/gui/result_project.h"
#include "widgets/basic/inline_message.h"
#include "widgets/report/report_pages.h"
#include "widgets/report/report_preview.h"

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QTest>

#include <memory>

using namespace tw;

namespace {

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
    void init();
    void cleanup();
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

    std::unique_ptr<OpenResults> m_open;
};

void TestResultPages::init()
{
    m_open = std::make_unique<OpenResults>();
    QVERIFY(m_open->session.project() != nullptr);
}

void TestResultPages::cleanup()
{
    m_open.reset();
}

std::unique_ptr<Page> TestResultPages::open(Page* (*make)(Session&))
{
    std::unique_ptr<Page> page(make(m_open->session));
    page->resize(1208, 756);
    page->projectChanged();
    page->show();
    return page;
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
    connect(&m_open->session, &Session::pageAsked, page.get(), [&shown](PageId id) { shown = id; });
    QPushButton* duplicate = buttonOf(*page, QStringLiteral("Duplicate and change"));
    QVERIFY(duplicate != nullptr);
    duplicate->click();
    QCOMPARE(shown, PageId::Tune);
    const Experiment draft = m_open->session.project()->draft();
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
    m_open->session.project()->addRun(experimentNamed("another", 2));
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
    m_open->session.project()->renameRun(1, "another name");
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
    m_open->session.createProject(m_open->folder.filePath(QStringLiteral("empty")));
    constexpr Page* (*kMakers[])(Session&) = {makeRunsPage, makeInspectPage, makeExplorePage,
                                              makeReportsPage};
    const auto page = open(kMakers[which]);
    PageId shown = PageId::Home;
    connect(&m_open->session, &Session::pageAsked, page.get(), [&shown](PageId id) { shown = id; });
    QPushButton* invitation = buttonOf(*page, button);
    QVERIFY(invitation != nullptr);
    invitation->click();
    QCOMPARE(shown, PageId::Tune);
}

QTEST_MAIN(TestResultPages)
#include "tst_result_pages.moc"
