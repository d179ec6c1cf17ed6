// SPDX-License-Identifier: Apache-2.0
// The pages on which a run is set up: Data, Models and Tune, over a tiny model.
#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/data/counter_row.h"
#include "app/gui/pages/data/proof_in_words.h"
#include "app/gui/pages/list_delegate.h"
#include "app/gui/pages/list_rows.h"
#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/ready_card.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "tests/core/workbench/tiny_experiment.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/inline_message.h"
#include "widgets/heat/xray_grid.h"
#include "widgets/text/token_flow.h"

#include <QAbstractButton>
#include <QLabel>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QTabBar>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <fstream>
#include <memory>

using namespace tw;

namespace {

constexpr int kPatience = 60'000; // ms; the tiny model takes seconds even where others compute

template <typename Widget>
Widget* named(const QWidget& page, const QString& name)
{
    for (Widget* widget : page.findChildren<Widget*>())
        if (widget->accessibleName() == name)
            return widget;
    return nullptr;
}

QPushButton* buttonOf(const QWidget& page, const QString& text)
{
    for (QPushButton* button : page.findChildren<QPushButton*>())
        if (button->text() == text && button->isVisibleTo(&page))
            return button;
    return nullptr;
}

bool says(const QWidget& page, const QString& words)
{
    const QList<QLabel*> labels = page.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&page) && label->text().contains(words);
    });
}

/// As a person does it: the keys go to the list of choices.
void choose(ChoiceBox& box, const QString& id)
{
    const int wanted = box.findData(id);
    QVERIFY(wanted >= 0);
    box.setFocus();
    QTest::keyClick(&box, Qt::Key_Home);
    for (int i = 0; i < wanted; ++i)
        QTest::keyClick(&box, Qt::Key_Down);
}

void chooseData(Page& page, const QString& file)
{
    auto* list = named<QListView>(page, QStringLiteral("Data sets"));
    for (int row = 0; row < list->model()->rowCount(); ++row) {
        const QModelIndex index = list->model()->index(row, 0);
        if (index.data(PathRole).toString() == file)
            list->setCurrentIndex(index);
    }
}

QStringList counters(const Page& page)
{
    QStringList words;
    const auto* row = page.findChild<CounterRow*>();
    for (const QAbstractButton* cell : row->findChildren<QAbstractButton*>())
        words << cell->accessibleName();
    return words;
}

} // namespace

class TestSetupPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void aChosenRoleGoesIntoTheExperiment();
    void rolesOfANewDataSetGoWithItIntoTheExperiment();
    void theTokenizerOnDataIsNotTheExperimentsModel();
    void anotherDataSetShowsNothingOfTheFirst();
    void heldOutRowsThatAreTrainedOnAreCounted();
    void aListKeepsItsRowsWhileTheProjectGrows();
    void anAdapterIsItsFolder();
    void aTokenizerAloneIsNoModel();
    void whatCannotBeReadShowsNothingOfAnotherModel();
    void typedTextIsShownAsTokens();
    void lineageLeadsToTheRunOfTheModel();
    void readyIsSaidOnlyOfTheDocumentThatWasChecked();
    void startStartsTheRunThatWasSetUp();
    void aNameIsGivenToOneRun();
    void editsAreStoredBeforeTheProjectIsLeft();
    void editsAreStoredBeforeAModelIsPutIn();
    void theOpenProjectIsNotOpenedAgain();
    void anXrayWaitsForTheRunAndThenComes();

private:
    std::unique_ptr<Page> open(Page* (*make)(Session&));
    /// Data as the page Data shows it once every row was read.
    std::unique_ptr<Page> openData();
    QString file(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    Project& project() { return *m_session->project(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
};

void TestSetupPages::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
}

void TestSetupPages::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_session = std::make_unique<Session>();
    m_session->createProject(file("project"));
    QVERIFY(m_session->project() != nullptr);
    const Experiment experiment = tinyExperiment(m_folder->path().toStdString());
    project().addModel(experiment.model);
    for (const DataPart* part : {&experiment.train, &experiment.heldOut})
        project().addDataset(part->path);
    project().setDraft(experiment);
}

void TestSetupPages::cleanup()
{
    m_session->queue().stop();
    QTRY_VERIFY_WITH_TIMEOUT(!m_session->queue().isBusy(), kPatience);
    m_session.reset();
    m_folder.reset();
}

std::unique_ptr<Page> TestSetupPages::open(Page* (*make)(Session&))
{
    std::unique_ptr<Page> page(make(*m_session));
    page->resize(1208, 756);
    page->projectChanged();
    page->show();
    connect(m_session.get(), &Session::projectGrew, page.get(),
            [at = page.get()] { at->refresh(); });
    connect(m_session.get(), &Session::projectChanged, page.get(),
            [at = page.get()] { at->projectChanged(); });
    return page;
}

std::unique_ptr<Page> TestSetupPages::openData()
{
    std::unique_ptr<Page> page = open(makeDataPage);
    [&] { QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience); }();
    return page;
}

void TestSetupPages::aChosenRoleGoesIntoTheExperiment()
{
    const auto page = openData();
    const QPointer<ChoiceBox> answer =
        named<ChoiceBox>(*page, QStringLiteral("Role of the column answer"));
    QVERIFY(answer != nullptr);
    choose(*answer, QStringLiteral("text"));
    QVERIFY(answer != nullptr); // it was still telling of the choice
    QCOMPARE(answer->currentId(), QStringLiteral("text"));
    QCOMPARE(project().draft().train.roles.at("answer"), std::string("text"));
}

void TestSetupPages::rolesOfANewDataSetGoWithItIntoTheExperiment()
{
    writeRows(m_folder->filePath(QStringLiteral("other.csv")).toStdString(), 50, 8);
    project().addDataset(file("other.csv").toStdString());
    const auto page = openData();
    chooseData(*page, file("other.csv"));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY(says(*page, QStringLiteral("guessed, please check")));
    choose(*named<ChoiceBox>(*page, QStringLiteral("Role of the column question")),
           QStringLiteral("answer"));
    QVERIFY(!says(*page, QStringLiteral("guessed, please check")));
    QCOMPARE(project().draft().train.path, file("train.csv").toStdString()); // not asked for yet
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    choose(*named<ChoiceBox>(*page, QStringLiteral("Role of the column answer")),
           QStringLiteral("prompt"));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QTest::mouseClick(buttonOf(*page, QStringLiteral("Use in Tune")), Qt::LeftButton);
    const DataPart train = project().draft().train;
    QCOMPARE(train.path, file("other.csv").toStdString());
    QCOMPARE(train.roles,
             (std::map<std::string, std::string> {{"answer", "prompt"}, {"question", "answer"}}));
}

void TestSetupPages::theTokenizerOnDataIsNotTheExperimentsModel()
{
    const std::string other = TW_FIXTURES "/model/llama_plain";
    project().addModel(other);
    const auto page = openData();
    const Experiment before = project().draft();
    choose(*named<ChoiceBox>(*page, QStringLiteral("Tokenizer of")), text(other));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QCOMPARE(project().draft(), before);
}

void TestSetupPages::anotherDataSetShowsNothingOfTheFirst()
{
    const auto page = openData();
    QVERIFY(counters(*page).front().startsWith(QStringLiteral("24 ")));
    chooseData(*page, file("held_out.csv"));
    QCOMPARE(counters(*page).size(), 1); // "reading every row ..."
    QVERIFY(!says(*page, QStringLiteral("tokens, ")));
    QVERIFY(!buttonOf(*page, QStringLiteral("Use in Tune"))->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY(counters(*page).front().startsWith(QStringLiteral("6 ")));
}

void TestSetupPages::heldOutRowsThatAreTrainedOnAreCounted()
{
    writeRows(file("held_out.csv").toStdString(), 22, 6); // 22 and 23 are trained on
    const auto page = openData();
    QVERIFY2(counters(*page).contains(QStringLiteral("2 held out, too")),
             qPrintable(counters(*page).join(QStringLiteral("; "))));
    chooseData(*page, file("held_out.csv"));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY2(counters(*page).contains(QStringLiteral("2 also trained on")),
             qPrintable(counters(*page).join(QStringLiteral("; "))));
    auto* leaked = named<QAbstractButton>(*page, QStringLiteral("2 also trained on"));
    QTest::mouseClick(leaked, Qt::LeftButton);
    QVERIFY(says(*page, QStringLiteral("2 of 6 rows")));
}

void TestSetupPages::aListKeepsItsRowsWhileTheProjectGrows()
{
    QStandardItemModel model;
    const QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    ListRow a {
        QStringLiteral("a"), QStringLiteral("/a"), QStringLiteral("not read yet"), {}, {}, {}};
    const ListRow b {QStringLiteral("b"), QStringLiteral("/b"), {}, {}, {}, {}};
    fillRows(model, {a});
    fillRows(model, {a, b});
    const auto quiet = changed.count();
    fillRows(model, {a, b});
    QCOMPARE(changed.count(), quiet);
    a.second = QStringLiteral("24 rows");
    fillRows(model, {a, b});
    QCOMPARE(model.index(0, 0).data(SecondLineRole).toString(), QStringLiteral("24 rows"));
    QCOMPARE(removed.count(), 0);
    fillRows(model, {b});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("b"));
}

void TestSetupPages::anAdapterIsItsFolder()
{
    const QString folder = QStringLiteral(TW_FIXTURES "/adaptation/plain");
    m_session->openPath(folder + QStringLiteral("/adapter_model.safetensors"));
    m_session->openPath(folder + QStringLiteral("/adapter_config.json"));
    const std::vector<std::string> models = project().models();
    QCOMPARE(std::count(models.begin(), models.end(), folder.toStdString()), 1);
    QCOMPARE(models.size(), std::size_t {2}); // the tiny model is there as well
}

void TestSetupPages::aTokenizerAloneIsNoModel()
{
    QVERIFY(QFile::copy(QStringLiteral(TW_FIXTURES "/tokenizer/gpt2.tokenizer.json"),
                        file("tokenizer.json")));
    const QSignalSpy failed(m_session.get(), &Session::failed);
    const QSignalSpy added(m_session.get(), &Session::modelAdded);
    m_session->openPath(file("tokenizer.json"));
    QCOMPARE(failed.count(), 1);
    QCOMPARE(added.count(), 0);
}

void TestSetupPages::whatCannotBeReadShowsNothingOfAnotherModel()
{
    const auto page = open(makeModelsPage);
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY(buttonOf(*page, QStringLiteral("Fine-tune this model"))->isEnabled());
    QVERIFY(QDir().mkpath(file("broken")));
    std::ofstream(file("broken/adapter_config.json").toStdString()) << "no JSON";
    Q_EMIT m_session->modelAdded(file("broken"));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY(page->message().isVisibleTo(page.get()));
    QVERIFY(!buttonOf(*page, QStringLiteral("Fine-tune this model"))->isEnabled());
    QVERIFY(says(*page, QStringLiteral("broken")));
    QVERIFY(!says(*page, QStringLiteral("blocks")));
}

void TestSetupPages::typedTextIsShownAsTokens()
{
    const auto page = open(makeModelsPage);
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    auto* tabs = named<QTabBar>(*page, QStringLiteral("Views of the model"));
    QVERIFY(tabs->isTabVisible(2));
    tabs->setCurrentIndex(2);
    auto* text = named<QPlainTextEdit>(*page, QStringLiteral("Text to tokenize"));
    auto* flow = named<TokenFlow>(*page, QStringLiteral("Tokens of the text"));
    QTRY_VERIFY_WITH_TIMEOUT(!flow->tokens().empty(), kPatience);
    text->selectAll();
    QTest::keyClicks(text, QStringLiteral("a b"));
    QString shown;
    for (const FlowToken& token : flow->tokens())
        shown += token.text;
    QVERIFY(shown.contains(QStringLiteral("a b")));
    QVERIFY(says(*page, QStringLiteral("decoded to the same text")));
}

void TestSetupPages::lineageLeadsToTheRunOfTheModel()
{
    Project& project = *m_session->project();
    Experiment experiment = project.draft();
    experiment.name = "tuned twice";
    const auto run = project.addRun(experiment);
    const auto page = open(makeModelsPage);
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    auto* tabs = named<QTabBar>(*page, QStringLiteral("Views of the model"));
    tabs->setCurrentIndex(3);
    const QString title = QStringLiteral("Run %1: tuned twice").arg(run);
    auto* card = named<QAbstractButton>(*page, title);
    QSignalSpy asked(m_session.get(), &Session::pageAsked);
    QTest::mouseClick(card, Qt::LeftButton);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.at(0).at(1).toLongLong(), run);
}

void TestSetupPages::readyIsSaidOnlyOfTheDocumentThatWasChecked()
{
    const auto page = open(makeTunePage);
    auto* editor = page->findChild<DraftEditor*>();
    const auto* start = page->findChild<QPushButton*>(QStringLiteral("start"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    editor->edit(QStringLiteral("seed"), {}, [](Experiment& e) { e.seed = 8; });
    QVERIFY(!start->isEnabled());
    QTRY_VERIFY(!page->findChildren<JobWatcher*>().isEmpty()); // it is being checked
    editor->edit(QStringLiteral("steps"), {}, [](Experiment& e) { e.steps = 0; });
    QVERIFY(page->findChildren<JobWatcher*>().isEmpty()); // that answer would be about seed 8
    QTRY_VERIFY_WITH_TIMEOUT(says(*page, QStringLiteral("Not ready")), kPatience);
    QVERIFY(!start->isEnabled());
}

void TestSetupPages::startStartsTheRunThatWasSetUp()
{
    Experiment earlier = project().draft();
    earlier.name = "waits";
    const std::int64_t waiting = project().addRun(earlier);
    const auto page = open(makeTunePage);
    auto* start = page->findChild<QPushButton*>(QStringLiteral("start"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kPatience);
    QSignalSpy started(&m_session->queue(), &RunQueue::started);
    QTest::mouseClick(start, Qt::LeftButton);
    QCOMPARE(started.count(), 1);
    QCOMPARE(started.front().front().toLongLong(), waiting + 1);
    QVERIFY(says(*page, QStringLiteral("1 run(s) in the queue")));
    QTRY_COMPARE_WITH_TIMEOUT(started.count(), 2, kPatience); // then those that wait
    QCOMPARE(started.back().front().toLongLong(), waiting);
}

void TestSetupPages::aNameIsGivenToOneRun()
{
    const auto page = open(makeTunePage);
    auto* queue = [&] { return buttonOf(*page, QStringLiteral("Queue")); }();
    QTRY_VERIFY_WITH_TIMEOUT(queue->isEnabled(), kPatience);
    queue->click();
    queue->click();
    const std::vector<RunSummary> runs = project().runs();
    QCOMPARE(runs.size(), std::size_t {2});
    QCOMPARE(runs[0].name, std::string("tiny"));
    QVERIFY(text(runs[1].name).startsWith(QStringLiteral("LoRA")));
}

void TestSetupPages::editsAreStoredBeforeTheProjectIsLeft()
{
    const auto page = open(makeTunePage);
    const std::shared_ptr<Project> first = m_session->project();
    page->findChild<DraftEditor*>()->edit(QStringLiteral("seed"), {},
                                          [](Experiment& e) { e.seed = 11; });
    m_session->createProject(file("second"));
    QVERIFY(m_session->project() != first);
    QCOMPARE(first->draft().seed, 11);
    QCOMPARE(project().draft().seed, Experiment().seed);
}

void TestSetupPages::editsAreStoredBeforeAModelIsPutIn()
{
    const auto page = open(makeTunePage);
    auto* editor = page->findChild<DraftEditor*>();
    editor->edit(QStringLiteral("seed"), {}, [](Experiment& e) { e.seed = 11; });
    m_session->useModel(QStringLiteral("/models/other"));
    page->refresh();
    QCOMPARE(editor->draft().seed, 11);
    QCOMPARE(editor->draft().model, std::string("/models/other"));
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QCOMPARE(project().draft().model, std::string("/models/other"));
}

void TestSetupPages::theOpenProjectIsNotOpenedAgain()
{
    const std::shared_ptr<Project> before = m_session->project();
    const QSignalSpy changed(m_session.get(), &Session::projectChanged);
    m_session->openProject(file("project"));
    m_session->openProject(file("project") + QLatin1Char('/'));
    QCOMPARE(changed.count(), 0);
    QCOMPARE(m_session->project(), before);
}

void TestSetupPages::anXrayWaitsForTheRunAndThenComes()
{
    Experiment experiment = project().draft();
    experiment.steps = 2;
    m_session->queue().start(project().addRun(experiment));
    QTRY_VERIFY_WITH_TIMEOUT(!m_session->queue().isBusy(), kPatience);
    experiment.steps = 100'000; // until it is stopped
    const std::int64_t run = project().addRun(experiment);
    m_session->queue().start(run);
    QTRY_VERIFY_WITH_TIMEOUT(project().run(run).step > 0, kPatience);
    const auto page = open(makeInspectPage);
    QTest::mouseClick(buttonOf(*page, QStringLiteral("X-ray it")), Qt::LeftButton);
    QSignalSpy grew(m_session.get(), &Session::projectGrew);
    QTRY_VERIFY_WITH_TIMEOUT(grew.count() > 2, kPatience);
    QVERIFY(!page->isSettled());
    QVERIFY(says(*page, QStringLiteral("Waits for run %1").arg(run)));
    QCOMPARE(m_session->works().size(), std::size_t {1});
    m_session->queue().stop();
    QTRY_VERIFY_WITH_TIMEOUT(page->isSettled(), kPatience);
    QVERIFY2(page->findChild<XrayGrid*>()->isVisible(), qPrintable(page->message().sentence()));
    QVERIFY(m_session->works().empty());
}

QTEST_MAIN(TestSetupPages)
#include "tst_setup_pages.moc"
