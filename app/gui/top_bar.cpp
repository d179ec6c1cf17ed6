// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/top_bar.h"

#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QToolButton>

#include <chrono>

namespace tw {
namespace {

/// An icon beside words; tinted anew when the look changes.
class IconLabel final : public QToolButton
{
public:
    IconLabel(const QString& icon, QWidget* parent)
        : QToolButton(parent)
    {
        setIcon(lineIcon(icon));
        setIconSize(QSize(px(16), px(16)));
        setEnabled(true);
        setFocusPolicy(Qt::NoFocus);
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }
};

} // namespace

TopBar::TopBar(Session& session, QWidget* parent)
    : QFrame(parent)
    , m_session(session)
    , m_project(new QToolButton(this))
    , m_device(new TextLabel(TextType::Table, TextInk::Ink2))
    , m_memory(new TextLabel(TextType::Table, TextInk::Ink2))
    , m_memoryCaption(new TextLabel(tr("Memory"), TextType::Table, TextInk::Ink2))
    , m_memoryMeter(new Meter(6))
{
    setProperty("surface", QStringLiteral("topBar"));
    setFixedHeight(px(44));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(px(8), 0, px(16), 0);
    row->setSpacing(px(8));
    m_project->setProperty("kind", QStringLiteral("project"));
    m_project->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_project->setIcon(lineIcon(QStringLiteral("folder"), IconTone::Ink));
    m_project->setIconSize(QSize(px(16), px(16)));
    m_project->setPopupMode(QToolButton::InstantPopup);
    m_project->setMenu(new QMenu(m_project));
    connect(m_project->menu(), &QMenu::aboutToShow, this, &TopBar::fillProjectMenu);
    row->addWidget(m_project);
    auto* line = makeLine(Qt::Vertical, this);
    line->setFixedHeight(px(20));
    row->addWidget(line);
    row->addWidget(new IconLabel(QStringLiteral("chip"), this));
    row->addWidget(m_device);
    row->addSpacing(px(8));
    row->addWidget(m_memoryCaption);
    m_memoryMeter->setFixedWidth(px(64));
    row->addWidget(m_memoryMeter);
    row->addWidget(m_memory);
    row->addStretch(1);
    row->addWidget(makeJobBar());
    m_memoryMeter->hide();
    m_memoryCaption->hide();

    m_timer.setInterval(std::chrono::seconds(2));
    connect(&m_timer, &QTimer::timeout, this, &TopBar::showDevice);
    connect(&session, &Session::projectChanged, this, &TopBar::showProject);
    connect(&session, &Session::projectGrew, this, &TopBar::showJob);
    connect(&session, &Session::worksChanged, this, &TopBar::showJob);
    connect(&session.queue(), &RunQueue::started, this, &TopBar::showJob);
    connect(&session.queue(), &RunQueue::progressed, this, &TopBar::showJob);
    connect(&session.queue(), &RunQueue::finished, this, &TopBar::showJob);
    showProject();
}

QWidget* TopBar::makeJobBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(6));
    m_jobName = new TextLabel(TextType::TableStrong);
    m_jobStep = new TextLabel(TextType::Table, TextInk::Ink2);
    m_jobMeter = new Meter(6);
    m_jobMeter->setFixedWidth(px(120));
    m_jobMeter->setAccessibleName(tr("Progress of the running job"));
    m_jobLeft = new TextLabel(TextType::Table, TextInk::Ink2);
    m_pause = makeButton(tr("Pause"), ButtonKind::Small, QStringLiteral("pause"));
    m_pause->setToolTip(tr("Holds the run after its current step; it goes on where it was."));
    m_stop = makeButton(tr("Stop"), ButtonKind::Small, QStringLiteral("stop"));
    m_stop->setToolTip(tr("Ends the run after its current step and keeps what it has learned."));
    for (QWidget* part : std::initializer_list<QWidget*> {m_jobName, m_jobStep, m_jobMeter,
                                                          m_jobLeft, m_pause, m_stop})
        row->addWidget(part);
    row->insertSpacing(3, px(4));
    row->insertSpacing(5, px(4));
    connect(m_pause, &QPushButton::clicked, this, [this] {
        RunQueue& queue = m_session.queue();
        queue.isPaused() ? queue.goOn() : queue.pause();
        showJob();
    });
    connect(m_stop, &QPushButton::clicked, this, [this] {
        m_session.queue().stop();
        m_stop->setEnabled(false);
    });
    return bar;
}

void TopBar::showDevice()
{
    if (!m_timer.isActive())
        m_timer.start();
    const DeviceInfo device = m_session.workspace().device();
    m_device->setText(text(device.name));
    m_device->setToolTip(text(device.processor));
    const double giga = 1e9;
    const QLocale locale;
    m_memory->setText(
        tr("%1 of %2 GB")
            .arg(locale.toString(static_cast<double>(device.memoryUsed) / giga, 'f', 1),
                 locale.toString(static_cast<double>(device.memoryTotal) / giga, 'f', 0)));
    m_memoryMeter->setParts(
        {{static_cast<double>(device.memoryUsed), Meter::Ink::Ink2, tr("used")}},
        static_cast<double>(device.memoryTotal));
    m_memoryMeter->setAccessibleName(tr("Memory used: %1").arg(m_memory->text()));
    m_memoryMeter->show();
    m_memoryCaption->show();
}

void TopBar::fillProjectMenu()
{
    QMenu& menu = *m_project->menu();
    menu.clear();
    menu.addAction(lineIcon(QStringLiteral("plus")), tr("New project…"), this,
                   &TopBar::newProjectAsked);
    menu.addAction(lineIcon(QStringLiteral("folder")), tr("Open project…"), this,
                   &TopBar::openProjectAsked);
    const QStringList recent = Session::recentProjects();
    if (!recent.isEmpty())
        menu.addSeparator();
    for (const QString& folder : recent)
        menu.addAction(QFileInfo(folder).fileName(), this,
                       [this, folder] { m_session.openProject(folder); });
}

void TopBar::showProject()
{
    const auto& project = m_session.project();
    m_project->setText(project ? text(project->name()) : tr("No project"));
    m_project->setToolTip(project ? text(project->folder().string())
                                  : tr("Open or make a project."));
    m_project->setAccessibleName(tr("Project: %1").arg(m_project->text()));
    showJob();
}

void TopBar::showJob()
{
    const RunQueue& queue = m_session.queue();
    const std::vector<Session::Work>& works = m_session.works();
    const bool isBusy = queue.isBusy();
    for (QWidget* part : std::initializer_list<QWidget*> {m_jobName, m_jobMeter, m_jobLeft})
        part->setVisible(isBusy || !works.empty());
    for (QPushButton* button : {m_pause, m_stop}) // other work is ended on its page
        button->setVisible(isBusy);
    if (!isBusy)
        m_stop->setEnabled(true);
    if (!isBusy && works.empty()) {
        m_jobStep->setText(tr("Nothing is running"));
        return;
    }
    const Progress& progress = isBusy ? queue.progress() : works.front().progress;
    const QLocale locale;
    m_jobName->setText(isBusy ? tr("Run %1").arg(queue.currentRun()) : works.front().name);
    QString step = stageInWords(progress.stage);
    if (progress.total > 0)
        step = tr("%1, %2 of %3", "stage, done of total")
                   .arg(step, locale.toString(qlonglong(progress.done)),
                        locale.toString(qlonglong(progress.total)));
    if (queue.isPaused())
        step = tr("paused: %1").arg(step);
    const std::size_t waiting = works.size() - (isBusy ? 0 : 1);
    if (waiting > 0)
        step = tr("%1; %2 waits").arg(step, works.back().name);
    m_jobStep->setText(step);
    m_jobMeter->setShare(progress.total > 0 ? static_cast<double>(progress.done)
                                 / static_cast<double>(progress.total)
                                            : 0.0);
    m_jobLeft->setText(remainingInWords(progress.remainingSeconds));
    m_pause->setText(queue.isPaused() ? tr("Go on") : tr("Pause"));
    m_pause->setIcon(lineIcon(queue.isPaused() ? QStringLiteral("play") : QStringLiteral("pause"),
                              IconTone::Ink));
}

QString stageInWords(const std::string& stage)
{
    return QCoreApplication::translate("stage", stage.c_str());
}

QString remainingInWords(double seconds)
{
    if (seconds < 0.0)
        return {};
    return QCoreApplication::translate("stage", "%1 left").arg(text(clockText(seconds)));
}

} // namespace tw
