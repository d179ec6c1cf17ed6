// SPDX-License-Identifier: Apache-2.0
// The designer on the page Tune, driven by the mouse and then by the keyboard alone, over a tiny
// model of two blocks.
#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/method_card.h"
#include "app/gui/pages/tune/method_cards.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "tests/app/gui/driver.h"
#include "tests/core/workbench/tiny_experiment.h"
#include "widgets/form/number_field.h"
#include "widgets/grid/block_drawing.h"
#include "widgets/grid/site_grid.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <QUndoStack>

#include <algorithm>
#include <memory>

using namespace tw;

namespace {

constexpr int kPatience = 60'000; // ms; the tiny model takes seconds even where others compute

using Sites = std::map<std::string, std::string>;

int rowOf(const SiteGrid& grid, const QString& site)
{
    const std::vector<SiteGridRow>& rows = grid.value().rows;
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const SiteGridRow& row) { return row.site == site; });
    return static_cast<int>(found - rows.begin());
}

std::vector<PluginInfo> twentyMethods()
{
    std::vector<PluginInfo> methods;
    for (int i = 0; i < 20; ++i) {
        PluginInfo info;
        info.kind = "adaptation";
        info.id = info.title = "method " + std::to_string(i);
        info.summary = i == 7 ? "Turns the weights." : "Adds something.";
        info.isPromptLike = i % 10 == 3;
        methods.push_back(info);
    }
    return methods;
}

int shownCards(const MethodCards& cards)
{
    const QList<MethodCard*> all = cards.findChildren<MethodCard*>();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [&](const MethodCard* card) { return card->isVisibleTo(&cards); }));
}

} // namespace

class TestDesigner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void aClickAttachesWhatIsInHand();
    void aSecondMethodTakesPlacesFromTheFirst();
    void aSettingBelongsToTheMethodInHand();
    void aPresetIsOneClickAndOneUndo();
    void theDrawingEditsTheSameSites();
    void aConflictStandsWhereItIsAndCanBePutRight();
    void aWrongSettingIsMarkedAtItsFieldAndItsMethod();
    void theKeyboardAloneDoesAllOfIt();
    void cardsAreFoundByWordsAndByWhatTheyDo();
    void theHelpOfTheMethodInHandIsAskedFor();

private:
    SiteGrid& grid() const { return *m_page->findChild<SiteGrid*>(); }
    DraftEditor& editor() const { return *m_page->findChild<DraftEditor*>(); }
    const std::vector<AdaptationChoice>& design() const { return editor().draft().adaptations; }
    void clickCell(const QString& site, int layer, Qt::KeyboardModifiers modifiers = {});
    void click(const QString& button);
    void edit(const std::function<void(Experiment&)>& change)
    {
        editor().edit(QStringLiteral("test"), {}, change);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<Page> m_page;
};

void TestDesigner::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
}

void TestDesigner::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_session = std::make_unique<Session>();
    m_session->createProject(m_folder->filePath(QStringLiteral("project")));
    const Experiment experiment = tinyExperiment(m_folder->path().toStdString());
    m_session->project()->addModel(experiment.model);
    m_session->project()->setDraft(experiment);
    m_page.reset(makeTunePage(*m_session));
    m_page->resize(1208, 756);
    m_page->projectChanged();
    m_page->show();
    m_page->activateWindow();
    QTRY_VERIFY_WITH_TIMEOUT(grid().value().layers == 2, kPatience);
}

void TestDesigner::cleanup()
{
    m_page.reset();
    m_session.reset();
    m_folder.reset();
}

void TestDesigner::clickCell(const QString& site, int layer, Qt::KeyboardModifiers modifiers)
{
    const QRect cell = grid().cellRect({rowOf(grid(), site), layer});
    QTest::mouseClick(&grid(), Qt::LeftButton, modifiers, cell.center());
}

void TestDesigner::click(const QString& button)
{
    QAbstractButton* found = buttonNamed(*m_page, button);
    QVERIFY2(found != nullptr, qPrintable(button));
    QTest::mouseClick(found, Qt::LeftButton);
}

void TestDesigner::aClickAttachesWhatIsInHand()
{
    clickCell(QStringLiteral("attn.k"), 1);
    QCOMPARE(design().size(), std::size_t {1});
    QCOMPARE(design()[0].sites, (Sites {{"attn.k", "1"}, {"attn.q", "0-1"}, {"attn.v", "0-1"}}));
    clickCell(QStringLiteral("mlp.up"), 0, Qt::ShiftModifier);
    QCOMPARE(design()[0].sites.at("mlp.up"), std::string("0-1"));
    clickCell(QStringLiteral("attn.k"), 1);
    QVERIFY(!design()[0].sites.contains("attn.k"));
    while (m_page->undoStack()->canUndo())
        m_page->undoStack()->undo();
    QCOMPARE(design()[0].sites, (Sites {{"attn.q", "0-1"}, {"attn.v", "0-1"}}));
    while (m_page->undoStack()->canRedo())
        m_page->undoStack()->redo();
    QCOMPARE(design()[0].sites.at("mlp.up"), std::string("0-1"));
}

void TestDesigner::aSecondMethodTakesPlacesFromTheFirst()
{
    click(QStringLiteral("Another LoRA"));
    clickCell(QStringLiteral("mlp.down"), 0, Qt::ShiftModifier);
    clickCell(QStringLiteral("attn.q"), 1);
    QCOMPARE(design().size(), std::size_t {2});
    QCOMPARE(design()[0].sites, (Sites {{"attn.q", "0"}, {"attn.v", "0-1"}}));
    QCOMPARE(design()[1].sites, (Sites {{"attn.q", "1"}, {"mlp.down", "0-1"}}));
    const SiteGridValue& shown = grid().value();
    QCOMPARE(shown.rows[std::size_t(rowOf(grid(), QStringLiteral("attn.q")))].owners,
             (std::vector<OwnerSet> {ownerBit(0), ownerBit(1)}));
    QVERIFY(buttonNamed(*m_page, QStringLiteral("Method B: LoRA"))->isChecked());
    click(QStringLiteral("Method A: LoRA"));
    QCOMPARE(grid().value().inHand, 0);
    clickCell(QStringLiteral("mlp.down"), 1);
    QCOMPARE(design()[1].sites.at("mlp.down"), std::string("0"));
    m_page->undoStack()->undo();
    QCOMPARE(design()[1].sites.at("mlp.down"), std::string("0-1"));
    // The first button of that name removes A.
    click(QStringLiteral("Remove LoRA from the experiment"));
    QCOMPARE(design().size(), std::size_t {1});
    QCOMPARE(design()[0].sites.at("mlp.down"), std::string("0-1"));
    m_page->undoStack()->undo();
    QCOMPARE(design().size(), std::size_t {2});
}

void TestDesigner::aSettingBelongsToTheMethodInHand()
{
    click(QStringLiteral("Another LoRA"));
    clickCell(QStringLiteral("mlp.up"), 0);
    auto* rank = m_page->findChild<NumberField*>(QStringLiteral("rank"));
    rank->setFocus();
    rank->selectAll();
    QTest::keyClicks(rank, QStringLiteral("2"));
    QCOMPARE(design()[0].settings.at("rank"), ParamValue(std::int64_t {4}));
    QCOMPARE(design()[1].settings.at("rank"), ParamValue(std::int64_t {2}));
    click(QStringLiteral("Method A: LoRA"));
    QCOMPARE(m_page->findChild<NumberField*>(QStringLiteral("rank"))->value(), 4.0);
}

void TestDesigner::aPresetIsOneClickAndOneUndo()
{
    const std::vector<AdaptationChoice> before = design();
    QVERIFY(!buttonNamed(*m_page, QStringLiteral("LoRA all linear"))->isChecked());
    QVERIFY(buttonNamed(*m_page, QStringLiteral("Last 10 blocks")) == nullptr); // it has two
    click(QStringLiteral("LoRA all linear"));
    QCOMPARE(design()[0].sites.size(), std::size_t {7});
    QCOMPARE(design()[0].settings, before[0].settings);
    QVERIFY(buttonNamed(*m_page, QStringLiteral("LoRA all linear"))->isChecked());
    m_page->undoStack()->undo();
    QCOMPARE(design(), before);
}

void TestDesigner::theDrawingEditsTheSameSites()
{
    clickCell(QStringLiteral("attn.q"), 1); // block 1 is shown, and q is taken away there
    auto* drawing = m_page->findChild<BlockDrawing*>();
    QSignalSpy asked(drawing, &BlockDrawing::siteClicked);
    for (int y = 0; y < drawing->height() && asked.isEmpty(); y += 4)
        QTest::mouseClick(drawing, Qt::LeftButton, {}, {drawing->width() / 5, y});
    QCOMPARE(asked.count(), 1);
    const std::string site = asked.front().front().toString().toStdString();
    QCOMPARE(site, std::string("attn.q"));
    QCOMPARE(design()[0].sites.at(site), std::string("0-1"));
}

void TestDesigner::aConflictStandsWhereItIsAndCanBePutRight()
{
    edit([](Experiment& e) { e.adaptations[0].sites = {{"attn.q", "0-1"}, {"norm1", "0"}}; });
    const QString why = QStringLiteral("LoRA cannot sit at norm1.");
    QTRY_VERIFY_WITH_TIMEOUT(says(*m_page, why), kPatience);
    const SiteGridValue& shown = grid().value();
    QVERIFY(shown.rows[std::size_t(rowOf(grid(), QStringLiteral("norm1")))].hasProblem);
    QVERIFY(!shown.rows[std::size_t(rowOf(grid(), QStringLiteral("attn.q")))].hasProblem);
    QVERIFY(buttonNamed(*m_page, QStringLiteral("Method A: LoRA"))
                ->accessibleDescription()
                .contains(why));
    click(QStringLiteral("Use its usual sites"));
    QCOMPARE(design()[0].sites, (Sites {{"attn.q", "0-1"}, {"attn.v", "0-1"}}));
    QTRY_VERIFY_WITH_TIMEOUT(!says(*m_page, why), kPatience);
}

void TestDesigner::aWrongSettingIsMarkedAtItsFieldAndItsMethod()
{
    click(QStringLiteral("Another LoRA"));
    clickCell(QStringLiteral("mlp.up"), 0);
    edit([](Experiment& e) { e.adaptations[1].settings["rank"] = std::int64_t {1000}; });
    const auto problemOf = [this](const QString& tab) {
        return buttonNamed(*m_page, tab)->toolTip();
    };
    QTRY_VERIFY_WITH_TIMEOUT(
        problemOf(QStringLiteral("Method B: LoRA")).contains(QStringLiteral("Rank 1000")),
        kPatience);
    QVERIFY(!problemOf(QStringLiteral("Method A: LoRA")).contains(QStringLiteral("Rank")));
    auto* rank = m_page->findChild<NumberField*>(QStringLiteral("rank"));
    QCOMPARE(rank->property("problem").toString(), QStringLiteral("error"));
    QVERIFY(says(*m_page, QStringLiteral("Rank 1000 is larger than the layer")));
    click(QStringLiteral("Method A: LoRA"));
    QVERIFY(rank->property("problem").toString().isEmpty());
}

void TestDesigner::theKeyboardAloneDoesAllOfIt()
{
    QTRY_VERIFY(QApplication::focusWidget() != nullptr || m_page->isActiveWindow());
    if (QApplication::focusWidget() == nullptr)
        m_page->setFocus();
    QVERIFY(tabTo(&grid()));
    // To attn.k of block 1, which is attached, and the whole row of mlp.up.
    const auto goTo = [this](const QString& site) {
        QTest::keyClick(&grid(), Qt::Key_Home);
        while (grid().current().row > rowOf(grid(), site))
            QTest::keyClick(&grid(), Qt::Key_Up);
        while (grid().current().row < rowOf(grid(), site))
            QTest::keyClick(&grid(), Qt::Key_Down);
    };
    goTo(QStringLiteral("attn.k"));
    QTest::keyClick(&grid(), Qt::Key_Right);
    QTest::keyClick(&grid(), Qt::Key_Space);
    QCOMPARE(design()[0].sites.at("attn.k"), std::string("1"));
    // Another LoRA, with a rank of its own, on a whole row and then on a whole column.
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("Another LoRA"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QVERIFY(tabTo(&grid()));
    goTo(QStringLiteral("mlp.up"));
    QTest::keyClick(&grid(), Qt::Key_Space, Qt::ShiftModifier);
    QCOMPARE(design()[1].sites, (Sites {{"mlp.up", "0-1"}}));
    auto* rank = m_page->findChild<NumberField*>(QStringLiteral("rank"));
    QVERIFY(tabTo(rank));
    QTest::keyClick(rank, Qt::Key_Down);
    QCOMPARE(design()[1].settings.at("rank"), ParamValue(std::int64_t {7}));
    QVERIFY(tabTo(&grid()));
    QTest::keyClick(&grid(), Qt::Key_Space, Qt::ControlModifier);
    QCOMPARE(design()[1].sites.size(), std::size_t {7});
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("Method A: LoRA"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(grid().value().inHand, 0);
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("Remove LoRA from the experiment"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(design().size(), std::size_t {1});
    QVERIFY(tabTo(buttonNamed(*m_page, QStringLiteral("LoRA q, v"))));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    QCOMPARE(design()[0].sites, (Sites {{"attn.q", "0-1"}, {"attn.v", "0-1"}}));
}

void TestDesigner::cardsAreFoundByWordsAndByWhatTheyDo()
{
    MethodCards cards;
    cards.setMethods(twentyMethods());
    cards.resize(800, 100);
    cards.show();
    QCOMPARE(shownCards(cards), 20);
    auto* search = cards.tools()->findChild<QLineEdit*>();
    search->setFocus();
    QTest::keyClicks(search, QStringLiteral("turns"));
    QCOMPARE(shownCards(cards), 1);
    QTest::keyClicks(search, QStringLiteral(" the moon"));
    QCOMPARE(shownCards(cards), 0);
    QVERIFY(says(cards, QStringLiteral("No method has “turns the moon”")));
    QTest::mouseClick(buttonNamed(cards, QStringLiteral("Show all methods")), Qt::LeftButton);
    QCOMPARE(shownCards(cards), 20);
    QTest::mouseClick(buttonNamed(cards, QStringLiteral("Prompt-like")), Qt::LeftButton);
    QCOMPARE(shownCards(cards), 2);
    QTest::mouseClick(buttonNamed(cards, QStringLiteral("Merges")), Qt::LeftButton);
    QCOMPARE(shownCards(cards), 0);
    QVERIFY(says(cards, QStringLiteral("No method does that.")));
}

void TestDesigner::theHelpOfTheMethodInHandIsAskedFor()
{
    const QSignalSpy asked(m_session.get(), &Session::helpAsked);
    click(QStringLiteral("About LoRA"));
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.front().front().toString(), QStringLiteral("lora"));
    grid().setFocus();
    QCOMPARE(m_page->helpName(), QStringLiteral("lora"));
}

QTEST_MAIN(TestDesigner)
#include "tst_designer.moc"
