// SPDX-License-Identifier: Apache-2.0
// Objective and stages on the page Tune, chosen by the mouse and then by the keyboard alone.
#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/stage_strip.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "tests/app/gui/driver.h"
#include "tests/core/workbench/tiny_experiment.h"
#include "widgets/basic/choice_box.h"
#include "widgets/form/number_field.h"

#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QUndoStack>

#include <fstream>
#include <memory>

using namespace tw;

namespace {

constexpr int kPatience = 60'000; // ms; the tiny model takes seconds even where others compute

} // namespace

class TestRecipe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void anObjectiveIsChosenWithItsSettings();
    void theOnesThatSuitTheRowsComeFirst();
    void rowsOfAnotherKindOfferTheirObjective();
    void aStageIsEditedAloneAndTheOthersStay();
    void stagesAreRenamedMovedAndRemoved();
    void aMethodBeginsFromAnEarlierStage();
    void whatIsWrongWithAStageIsShownThere();
    void theKeyboardAloneMakesARecipe();
    void aRecipeIsOneRun();

private:
    DraftEditor& editor() const { return *m_page->findChild<DraftEditor*>(); }
    const Experiment& whole() const { return editor().whole(); }
    ChoiceBox& box(const char* name) const
    {
        return *m_page->findChild<ChoiceBox*>(QLatin1String(name));
    }
    void click(const QString& button);
    /// Chooses as a click on the entry of the open list does.
    void choose(ChoiceBox& box, const QString& id);
    void type(const char* field, const QString& number);
    void chooseOfMenu(const QString& button, const QString& entry);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<Page> m_page;
};

void TestRecipe::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
}

void TestRecipe::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_session = std::make_unique<Session>();
    m_session->createProject(m_folder->filePath(QStringLiteral("project")));
    const Experiment experiment = tinyExperiment(m_folder->path().toStdString());
    m_session->project()->addModel(experiment.model);
    m_session->project()->setDraft(experiment);
    m_page.reset(makeTunePage(*m_session));
    m_page->resize(1208, 1000);
    m_page->projectChanged();
    m_page->show();
    m_page->activateWindow();
    // Model read, rows looked at.
    QTRY_VERIFY_WITH_TIMEOUT(says(*m_page, QStringLiteral("24 rows to train")), kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(box("objective").itemData(0, Qt::ForegroundRole).isValid(), false,
                              kPatience);
}

void TestRecipe::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_folder.reset();
}

void TestRecipe::click(const QString& button)
{
    QAbstractButton* found = buttonNamed(*m_page, button);
    QVERIFY2(found != nullptr, qPrintable(button));
    QTest::mouseClick(found, Qt::LeftButton);
}

void TestRecipe::choose(ChoiceBox& box, const QString& id)
{
    const int at = box.findData(id);
    QVERIFY2(at >= 0, qPrintable(id));
    box.setFocus();
    QTest::keyClick(&box, Qt::Key_Home);
    for (int i = 0; i < at; ++i)
        QTest::keyClick(&box, Qt::Key_Down);
}

void TestRecipe::type(const char* field, const QString& number)
{
    const auto fields = m_page->findChildren<NumberField*>(QLatin1String(field));
    NumberField* found = *std::ranges::find_if(fields, &QWidget::isVisible);
    found->setFocus();
    found->selectAll();
    QTest::keyClicks(found, number);
}

void TestRecipe::chooseOfMenu(const QString& button, const QString& entry)
{
    auto* found = qobject_cast<QPushButton*>(buttonNamed(*m_page, button));
    QVERIFY2(found != nullptr, qPrintable(button));
    Q_EMIT found->menu()->aboutToShow();
    for (QAction* action : found->menu()->actions())
        if (action->text() == entry)
            return action->trigger();
    QFAIL(qPrintable(entry));
}

void TestRecipe::anObjectiveIsChosenWithItsSettings()
{
    choose(box("objective"), QStringLiteral("masked_thought"));
    QCOMPARE(whole().objective.method, std::string("masked_thought"));
    type("rate", QStringLiteral("0.4"));
    QCOMPARE(whole().objective.settings.at("rate"), ParamValue(0.4));
    QVERIFY(says(*m_page, QStringLiteral("Hides some of the answer")));
    while (m_page->undoStack()->canUndo())
        m_page->undoStack()->undo();
    QCOMPARE(whole().objective, Experiment().objective);
    QCOMPARE(box("objective").currentId(), QStringLiteral("supervised"));
}

void TestRecipe::theOnesThatSuitTheRowsComeFirst()
{
    const ChoiceBox& objectives = box("objective");
    QTRY_VERIFY_WITH_TIMEOUT(
        objectives.itemData(objectives.count() - 1, Qt::ForegroundRole).isValid(), kPatience);
    QCOMPARE(objectives.itemData(0).toString(), QStringLiteral("supervised"));
    const int dpo = objectives.findData(QStringLiteral("dpo"));
    QVERIFY(objectives.itemData(dpo, Qt::ForegroundRole).isValid());
    QVERIFY(
        objectives.itemData(dpo, Qt::ToolTipRole).toString().contains(QStringLiteral("chosen")));
}

void TestRecipe::rowsOfAnotherKindOfferTheirObjective()
{
    choose(box("objective"), QStringLiteral("dpo"));
    const QString offer = QStringLiteral("Use: Supervised");
    QTRY_VERIFY_WITH_TIMEOUT(buttonNamed(*m_page, offer) != nullptr, kPatience);
    QVERIFY(says(*m_page, QStringLiteral("No column is the chosen answer")));
    click(offer);
    QCOMPARE(whole().objective.method, std::string("supervised"));
    QTRY_VERIFY_WITH_TIMEOUT(buttonNamed(*m_page, offer) == nullptr, kPatience);
}

void TestRecipe::aStageIsEditedAloneAndTheOthersStay()
{
    const Experiment before = whole();
    click(QStringLiteral("Add a stage"));
    QCOMPARE(whole().stages.size(), std::size_t {2});
    QCOMPARE(editor().stage(), 1);
    QCOMPARE(stageOf(whole(), 0), before);
    type("steps", QStringLiteral("9"));
    choose(box("objective"), QStringLiteral("masked_thought"));
    QCOMPARE(stageOf(whole(), 0), before);
    QCOMPARE(stageOf(whole(), 1).steps, std::int64_t {9});
    QCOMPARE(stageOf(whole(), 1).objective.method, std::string("masked_thought"));
    click(QStringLiteral("1 stage 1"));
    QCOMPARE(editor().stage(), 0);
    QCOMPARE(m_page->findChild<NumberField*>(QStringLiteral("steps"))->value(),
             static_cast<double>(before.steps));
    QCOMPARE(box("objective").currentId(), QStringLiteral("supervised"));
    click(QStringLiteral("2 stage 2"));
    QCOMPARE(m_page->findChild<NumberField*>(QStringLiteral("steps"))->value(), 9.0);
    while (m_page->undoStack()->canUndo())
        m_page->undoStack()->undo();
    QCOMPARE(whole(), before);
    QVERIFY(!m_page->findChild<StageStrip*>()->isVisible());
}

void TestRecipe::stagesAreRenamedMovedAndRemoved()
{
    click(QStringLiteral("Add a stage"));
    const QString change = QStringLiteral("Change the stage");
    chooseOfMenu(change, QStringLiteral("Rename…"));
    auto* name = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(name != nullptr);
    QTest::keyClicks(name, QStringLiteral("likes"));
    QTest::keyClick(name, Qt::Key_Return);
    QCOMPARE(whole().stages[1].name, std::string("likes"));
    chooseOfMenu(change, QStringLiteral("Rename…"));
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("a/b"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(whole().stages[1].name, std::string("likes"));
    QVERIFY(says(*m_page, QStringLiteral("“a/b” is no name for a stage.")));
    chooseOfMenu(change, QStringLiteral("Move before the one before"));
    QCOMPARE(whole().stages[0].name, std::string("likes"));
    QCOMPARE(editor().stage(), 0);
    chooseOfMenu(change, QStringLiteral("Remove"));
    QVERIFY(whole().stages.empty());
    QVERIFY(buttonNamed(*m_page, QStringLiteral("Add a stage")) != nullptr);
}

void TestRecipe::aMethodBeginsFromAnEarlierStage()
{
    click(QStringLiteral("Add a stage"));
    ChoiceBox& start = box("begins");
    QCOMPARE(start.currentId(), QStringLiteral("stage:stage 1"));
    choose(start, {});
    QVERIFY(stageOf(whole(), 1).adaptations.front().from.empty());
    QVERIFY(m_page->findChild<NumberField*>(QStringLiteral("rank"))->isVisible());
    choose(start, QStringLiteral("stage:stage 1"));
    QCOMPARE(stageOf(whole(), 1).adaptations.front().from, std::string("stage:stage 1"));
    click(QStringLiteral("1 stage 1"));
    QCOMPARE(box("begins").findData(QStringLiteral("stage:stage 1")), -1);
}

void TestRecipe::whatIsWrongWithAStageIsShownThere()
{
    click(QStringLiteral("Add a stage"));
    choose(box("objective"), QStringLiteral("dpo"));
    QTRY_VERIFY_WITH_TIMEOUT(says(*m_page, QStringLiteral("Stage \"stage 2\": ")), kPatience);
    m_page->undoStack()->undo();
    QTRY_VERIFY_WITH_TIMEOUT(!says(*m_page, QStringLiteral("Stage \"stage 2\": ")), kPatience);
    type("steps", QStringLiteral("0"));
    click(QStringLiteral("1 stage 1"));
    QVERIFY(!says(*m_page, QStringLiteral("has to be at least 1")));
}

void TestRecipe::theKeyboardAloneMakesARecipe()
{
    if (QApplication::focusWidget() == nullptr)
        m_page->setFocus();
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("Add a stage"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(whole().stages.size(), std::size_t {2});
    QCOMPARE(QApplication::focusWidget(), buttonNamed(*m_page, QStringLiteral("2 stage 2")));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_F2);
    QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("second"));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    QCOMPARE(whole().stages[1].name, std::string("second"));
    QCOMPARE(QApplication::focusWidget(), buttonNamed(*m_page, QStringLiteral("2 second")));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Left);
    QCOMPARE(editor().stage(), 0);
    QVERIFY(tabTo(&box("objective")));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Down);
    QVERIFY(stageOf(whole(), 0).objective.method != "supervised");
    QCOMPARE(stageOf(whole(), 1).objective.method, std::string("supervised"));
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("1 stage 1"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Delete);
    QVERIFY(whole().stages.empty());
}

void TestRecipe::aRecipeIsOneRun()
{
    click(QStringLiteral("Add a stage"));
    QTRY_VERIFY_WITH_TIMEOUT(buttonNamed(*m_page, QStringLiteral("Start"))->isEnabled(), kPatience);
    click(QStringLiteral("Queue"));
    const std::vector<RunSummary> runs = m_session->project()->runs();
    QCOMPARE(runs.size(), std::size_t {1});
    QCOMPARE(runs.front().steps, whole().steps * 2);
    QCOMPARE(m_session->project()->experimentOf(runs.front().id).stages.size(), std::size_t {2});
}

QTEST_MAIN(TestRecipe)
#include "tst_recipe.moc"
