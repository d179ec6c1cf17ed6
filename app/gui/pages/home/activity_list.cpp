// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/activity_list.h"

#include "app/gui/page_id.h"
#include "app/gui/pages/home/recent_curves.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "widgets/basic/button.h"
#include "widgets/basic/meter.h"
#include "widgets/basic/panel.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr std::size_t kMostRows = 6; // above the curves, at 1280x800

IconTone toneOf(RunState state)
{
    switch (state) {
    case RunState::Running:
        return IconTone::Accent;
    case RunState::Failed:
        return IconTone::Error;
    case RunState::Interrupted:
        return IconTone::Warn;
    default:
        return IconTone::Rest;
    }
}

/// The fact beside a run: how far it is, or what came out.
QString factOf(const RunSummary& run)
{
    const QLocale locale;
    if (!run.failure.empty() && run.state == RunState::Failed)
        return text(run.failure.substr(0, run.failure.find('\n')));
    if (run.state == RunState::Queued)
        return ActivityList::tr("waits in the queue");
    const auto heldOut = run.metrics.find("heldOut.loss");
    if (heldOut == run.metrics.end() || run.state == RunState::Running)
        return ActivityList::tr("%1 of %2 steps")
            .arg(locale.toString(qlonglong(run.step)), locale.toString(qlonglong(run.steps)));
    const QString loss = locale.toString(heldOut->second, 'f', 2);
    const double forgetting = forgettingOf(run);
    if (std::isnan(forgetting))
        return ActivityList::tr("held-out %1").arg(loss);
    return ActivityList::tr("held-out %1, forgetting %2 nats")
        .arg(loss, signedNumber(forgetting, 2));
}

} // namespace

/// A row of the list that can be clicked as a whole.
class ActivityRow final : public QPushButton
{
public:
    struct Content
    {
        std::int64_t run = 0;
        std::int64_t report = 0; ///< 0: a run
        QString icon;
        IconTone tone = IconTone::Rest;
        QString word; ///< "Run 3", "Report"
        QString name;
        double share = -1.0; ///< of the steps; below 0: nothing is under way
        QString fact;
        QString when;
        QString spoken; ///< for screen readers
    };

    explicit ActivityRow(QWidget* parent)
        : QPushButton(parent)
        , m_icon(new QLabel)
        , m_word(new TextLabel(TextType::BodyStrong))
        , m_name((new TextLabel(TextType::Body))->elided())
        , m_meter(new Meter(6))
        , m_fact((new TextLabel(TextType::Table, TextInk::Ink2))->elided())
        , m_when(new TextLabel(TextType::Table, TextInk::Ink2))
    {
        setProperty("kind", QStringLiteral("row"));
        setFixedHeight(px(36));
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(px(16), 0, px(16), 0);
        row->setSpacing(px(16));
        m_word->setFixedWidth(px(60));
        m_meter->setFixedWidth(px(96));
        row->addWidget(m_icon);
        row->addWidget(m_word);
        row->addWidget(m_name, 2);
        row->addWidget(m_meter);
        row->addWidget(m_fact, 3);
        row->addWidget(m_when);
    }
    void show(const Content& content)
    {
        m_icon->setPixmap(lineIcon(content.icon, content.tone).pixmap(px(16), px(16)));
        m_word->setText(content.word);
        m_name->setFullText(content.name);
        m_meter->setVisible(content.share >= 0.0);
        m_meter->setShare(content.share);
        m_fact->setFullText(content.fact);
        m_when->setText(content.when);
        setAccessibleName(content.spoken);
    }

private:
    QLabel* m_icon;
    TextLabel* m_word;
    TextLabel* m_name;
    Meter* m_meter;
    TextLabel* m_fact;
    TextLabel* m_when;
};

namespace {

ActivityRow::Content contentOf(const RunSummary& run)
{
    ActivityRow::Content content;
    content.run = run.id;
    content.icon = stateIcon(run.state);
    content.tone = toneOf(run.state);
    content.word = ActivityList::tr("Run %1").arg(run.id);
    content.name = text(run.name);
    if (run.state == RunState::Running && run.steps > 0)
        content.share = static_cast<double>(run.step) / static_cast<double>(run.steps);
    content.fact = factOf(run);
    content.when = timeInWords(run.created);
    content.spoken =
        ActivityList::tr("Run %1, %2, %3").arg(run.id).arg(text(run.name), content.fact);
    return content;
}

ActivityRow::Content contentOf(const Project::StoredReport& report)
{
    ActivityRow::Content content;
    content.report = report.id;
    content.icon = QStringLiteral("reports");
    content.word = ActivityList::tr("Report");
    content.name = text(report.title);
    content.fact = QFileInfo(text(report.file)).fileName();
    content.when = timeInWords(report.created);
    content.spoken = ActivityList::tr("Report: %1").arg(text(report.title));
    return content;
}

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
    m_curves->setRuns(m_session.project(), runs);
    showCounts(runs);
    std::vector<ActivityRow::Content> wanted;
    for (auto run = runs.rbegin(); run != runs.rend() && wanted.size() < kMostRows; ++run)
        wanted.push_back(contentOf(*run));
    for (auto report = reports.rbegin(); report != reports.rend() && wanted.size() < kMostRows;
         ++report)
        wanted.push_back(contentOf(*report));
    // Rows stay where they name the same: somebody may hold one with the mouse or the keyboard.
    std::vector<std::pair<std::int64_t, std::int64_t>> ids;
    for (const ActivityRow::Content& content : wanted)
        ids.emplace_back(content.run, content.report);
    if (ids != m_ids || m_rows->count() == 0) {
        m_ids = ids;
        makeRows(wanted.size());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i)
        m_buttons[i]->show(wanted[i]);
    showNext(runs);
}

void ActivityList::showCounts(const std::vector<RunSummary>& runs)
{
    const auto count = [&](RunState state) {
        return static_cast<int>(std::count_if(
            runs.begin(), runs.end(), [&](const RunSummary& r) { return r.state == state; }));
    };
    QStringList facts;
    if (const int n = count(RunState::Running))
        facts << tr("%n running", nullptr, n);
    if (const int n = count(RunState::Queued))
        facts << tr("%n queued", nullptr, n);
    if (const int n = count(RunState::Finished))
        facts << tr("%n finished", nullptr, n);
    if (const int n = count(RunState::Failed))
        facts << tr("%n failed", nullptr, n);
    m_panel->setFact(facts.join(QStringLiteral(", ")));
}

void ActivityList::makeRows(std::size_t count)
{
    m_buttons.clear();
    while (QLayoutItem* item = m_rows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < count; ++i) {
        m_buttons.push_back(new ActivityRow(this));
        connect(m_buttons.back(), &QPushButton::clicked, this, [this, id = m_ids[i]] {
            m_session.go(id.second != 0 ? PageId::Reports : PageId::Runs, id.first);
        });
        m_rows->addWidget(m_buttons.back());
        m_rows->addWidget(makeLine(Qt::Horizontal, this));
    }
    if (count > 0)
        return;
    auto* none = new TextLabel(tr("Nothing has run yet."), TextType::Body, TextInk::Ink2);
    none->setContentsMargins(px(16), px(16), px(16), px(16));
    m_rows->addWidget(none);
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
