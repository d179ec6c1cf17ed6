// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/activity_list.h"

#include "app/gui/page_id.h"
#include "app/gui/pages/home/recent_curves.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

constexpr std::size_t kMostRows = 6; // above the curves, at 1280x800

QString timeInWords(const std::string& iso)
{
    const QDateTime time = QDateTime::fromString(text(iso), Qt::ISODate);
    const QLocale locale;
    if (time.date() == QDate::currentDate())
        return QObject::tr("today %1").arg(locale.toString(time.time(), QStringLiteral("HH:mm")));
    return locale.toString(time.date(), QStringLiteral("d MMM"));
}

struct StateLook
{
    QString icon;
    IconTone tone;
};

StateLook lookOf(RunState state)
{
    switch (state) {
    case RunState::Queued:
        return {QStringLiteral("clock"), IconTone::Rest};
    case RunState::Running:
        return {QStringLiteral("play"), IconTone::Accent};
    case RunState::Paused:
        return {QStringLiteral("pause"), IconTone::Rest};
    case RunState::Finished:
        return {QStringLiteral("check"), IconTone::Rest};
    case RunState::Stopped:
        return {QStringLiteral("stop"), IconTone::Rest};
    case RunState::Failed:
        return {QStringLiteral("error"), IconTone::Error};
    case RunState::Interrupted:
        return {QStringLiteral("warn"), IconTone::Warn};
    }
    return {QStringLiteral("clock"), IconTone::Rest};
}

/// The fact beside a run: how far it is, or what came out.
QString factOf(const RunSummary& run)
{
    const QLocale locale;
    if (!run.failure.empty() && run.state == RunState::Failed)
        return text(run.failure.substr(0, run.failure.find('\n')));
    if (run.state == RunState::Queued)
        return QObject::tr("waits in the queue");
    const auto heldOut = run.metrics.find("heldOut.loss");
    const QString steps =
        QObject::tr("%1 of %2 steps")
            .arg(locale.toString(qlonglong(run.step)), locale.toString(qlonglong(run.steps)));
    if (heldOut == run.metrics.end() || run.state == RunState::Running)
        return steps;
    QString fact = QObject::tr("held-out %1").arg(locale.toString(heldOut->second, 'f', 2));
    const auto general = run.metrics.find("general.loss");
    const auto before = run.firstMetrics.find("general.loss");
    if (general != run.metrics.end() && before != run.firstMetrics.end()) {
        const double change = general->second - before->second;
        fact += QObject::tr(", forgetting %1%2 nats")
                    .arg(change < 0 ? QString(QChar(0x2212)) : QStringLiteral("+"),
                         locale.toString(std::abs(change), 'f', 2));
    }
    return fact;
}

/// A row of the list that can be clicked as a whole.
class ActivityRow final : public QPushButton
{
public:
    explicit ActivityRow(QWidget* parent)
        : QPushButton(parent)
    {
        setProperty("kind", QStringLiteral("row"));
        setFixedHeight(px(36));
    }
};

} // namespace

ActivityList::ActivityList(Session& session, QWidget* parent)
    : QFrame(parent)
    , m_session(session)
    , m_panel(new tw::Panel(tr("Activity")))
    , m_rows(new QVBoxLayout)
    , m_curves(new RecentCurves(this))
{
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_panel);
    m_panel->setHeadLine(true);
    m_panel->setBodyMargins(0, 0, 0, 0);
    m_rows->setSpacing(0);
    m_panel->body()->addLayout(m_rows);
    m_panel->body()->addWidget(m_curves, 1);
    m_panel->body()->addStretch(0);
    QPushButton* allRuns = makeButton(tr("All runs"), ButtonKind::Flat);
    connect(allRuns, &QPushButton::clicked, this, [this] { m_session.go(PageId::Runs); });
    m_panel->addTool(allRuns);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    m_next = (new TextLabel(TextType::BodyStrong))->wrapped();
    m_why = (new TextLabel(TextType::Table, TextInk::Ink2))->wrapped();
    words->addWidget(m_next);
    words->addWidget(m_why);
    m_go = makeButton({}, ButtonKind::Small);
    m_panel->foot()->addLayout(words, 1);
    m_panel->foot()->addWidget(m_go);
    showNext({});
}

void ActivityList::setRuns(const std::vector<RunSummary>& runs,
                           const std::vector<Project::StoredReport>& reports)
{
    if (m_rows->count() > 0 && runs == m_shownRuns && reports.size() == m_shownReports)
        return;
    m_curves->setRuns(m_session.project(), runs);
    m_shownRuns = runs;
    m_shownReports = reports.size();
    while (QLayoutItem* item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto count = [&](RunState state) {
        return std::count_if(runs.begin(), runs.end(),
                             [&](const RunSummary& r) { return r.state == state; });
    };
    QStringList facts;
    if (const auto n = count(RunState::Running))
        facts << tr("%1 running").arg(n);
    if (const auto n = count(RunState::Queued))
        facts << tr("%1 queued").arg(n);
    if (const auto n = count(RunState::Finished))
        facts << tr("%1 finished").arg(n);
    if (const auto n = count(RunState::Failed))
        facts << tr("%1 failed").arg(n);
    m_panel->setFact(facts.join(QStringLiteral(", ")));
    std::size_t shown = 0;
    for (auto run = runs.rbegin(); run != runs.rend() && shown < kMostRows; ++run, ++shown)
        addLine(makeRow(*run));
    for (auto report = reports.rbegin(); report != reports.rend() && shown < kMostRows;
         ++report, ++shown)
        addLine(makeRow(*report));
    if (shown == 0) {
        auto* none = new TextLabel(tr("Nothing has run yet."), TextType::Body, TextInk::Ink2);
        none->setContentsMargins(px(16), px(16), px(16), px(16));
        m_rows->addWidget(none);
    }
    showNext(runs);
}

void ActivityList::addLine(QWidget* row)
{
    m_rows->addWidget(row);
    m_rows->addWidget(makeLine(Qt::Horizontal, this));
}

QWidget* ActivityList::makeRow(const RunSummary& run)
{
    auto* button = new ActivityRow(this);
    auto* row = new QHBoxLayout(button);
    row->setContentsMargins(px(16), 0, px(16), 0);
    row->setSpacing(px(16));
    const StateLook look = lookOf(run.state);
    auto* icon = new QLabel;
    icon->setPixmap(lineIcon(look.icon, look.tone).pixmap(px(16), px(16)));
    auto* number = new TextLabel(tr("Run %1").arg(run.id), TextType::BodyStrong);
    number->setFixedWidth(px(60));
    auto* name = (new TextLabel(text(run.name), TextType::Body))->elided();
    row->addWidget(icon);
    row->addWidget(number);
    row->addWidget(name, 2);
    if (run.state == RunState::Running && run.steps > 0) {
        auto* meter = new Meter(6);
        meter->setFixedWidth(px(96));
        meter->setShare(static_cast<double>(run.step) / static_cast<double>(run.steps));
        row->addWidget(meter);
    }
    row->addWidget((new TextLabel(factOf(run), TextType::Table, TextInk::Ink2))->elided(), 3);
    row->addWidget(new TextLabel(timeInWords(run.created), TextType::Table, TextInk::Ink2));
    button->setAccessibleName(tr("Run %1, %2, %3").arg(run.id).arg(text(run.name), factOf(run)));
    connect(button, &QPushButton::clicked, this,
            [this, id = run.id] { m_session.go(PageId::Runs, id); });
    return button;
}

QWidget* ActivityList::makeRow(const Project::StoredReport& report)
{
    auto* button = new ActivityRow(this);
    auto* row = new QHBoxLayout(button);
    row->setContentsMargins(px(16), 0, px(16), 0);
    row->setSpacing(px(16));
    auto* icon = new QLabel;
    icon->setPixmap(lineIcon(QStringLiteral("reports")).pixmap(px(16), px(16)));
    auto* word = new TextLabel(tr("Report"), TextType::BodyStrong);
    word->setFixedWidth(px(60));
    row->addWidget(icon);
    row->addWidget(word);
    row->addWidget((new TextLabel(text(report.title), TextType::Body))->elided(), 2);
    row->addWidget(
        (new TextLabel(QFileInfo(text(report.file)).fileName(), TextType::Table, TextInk::Ink2))
            ->elided(),
        3);
    row->addWidget(new TextLabel(timeInWords(report.created), TextType::Table, TextInk::Ink2));
    button->setAccessibleName(tr("Report: %1").arg(text(report.title)));
    connect(button, &QPushButton::clicked, this, [this] { m_session.go(PageId::Reports); });
    return button;
}

void ActivityList::showNext(const std::vector<RunSummary>& runs)
{
    const auto last = std::find_if(runs.rbegin(), runs.rend(), [](const RunSummary& run) {
        return run.state == RunState::Finished;
    });
    PageId page = PageId::Tune;
    m_nextRun = 0;
    if (last != runs.rend()) {
        m_nextRun = last->id;
        page = PageId::Explore;
        m_next->setText(
            tr("Next: see whether run %1 forgot anything it should know.").arg(last->id));
        m_why->setText(
            tr("Compare base and run %1 side by side on your own prompts.").arg(last->id));
        m_go->setText(tr("Open in Explore"));
    } else {
        m_next->setText(tr("Next: choose what to train, and see what it will cost."));
        m_why->setText(tr("Nothing starts before every row was read as the model will see it."));
        m_go->setText(tr("Go to Tune"));
    }
    m_go->disconnect(this);
    connect(m_go, &QPushButton::clicked, this, [this, page] { m_session.go(page, m_nextRun); });
}

} // namespace tw
