// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/runs/run_detail.h"

#include "app/gui/pages/fact_list.h"
#include "app/gui/pages/runs/run_table_model.h"
#include "app/gui/session.h"
#include "app/gui/words.h"
#include "core/workbench/run_metrics.h"
#include "widgets/basic/button.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/text_label.h"

#include <QDir>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

void clear(QVBoxLayout& column)
{
    while (QLayoutItem* item = column.takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

QString loss(const std::map<std::string, double>& metrics, const char* name)
{
    const auto found = metrics.find(name);
    return found == metrics.end() ? QString() : QLocale().toString(found->second, 'f', 2);
}

/// "2.90 to 1.10", or only what is known.
QString fromTo(const RunSummary& run, const char* name)
{
    const QString before = loss(run.firstMetrics, name);
    const QString after = loss(run.metrics, name);
    if (before.isEmpty() || after.isEmpty() || before == after)
        return after;
    return RunDetail::tr("%1 to %2").arg(before, after);
}

void addText(QVBoxLayout& column, const QString& text, TextType type, TextInk ink)
{
    auto* label = (new TextLabel(text, type, ink))->wrapped();
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column.addWidget(label);
}

/// A share as a percentage, before and now.
QString shareFromTo(const RunSummary& run, const char* name)
{
    const auto share = [&](const std::map<std::string, double>& metrics) {
        const auto found = metrics.find(name);
        return found == metrics.end()
            ? QString()
            : RunDetail::tr("%1 %").arg(QLocale().toString(100.0 * found->second, 'f', 1));
    };
    const QString before = share(run.firstMetrics);
    const QString after = share(run.metrics);
    return before.isEmpty() || after.isEmpty() ? after
                                               : RunDetail::tr("%1 to %2").arg(before, after);
}

/// What each stage of a recipe does, and the steps that are its own.
QString trainedIn(const RunSummary& run)
{
    const auto trained = metricOf(run, "trainedParameters");
    return trained ? QLocale().toString(static_cast<qlonglong>(*trained)) : QString();
}

std::vector<FactList::Fact> stageFacts(const Experiment& experiment)
{
    std::vector<FactList::Fact> facts;
    std::int64_t first = 0;
    const std::vector<Experiment> stages = stagesOf(experiment);
    for (std::size_t i = 0; i < experiment.stages.size(); ++i) {
        facts.push_back(
            {RunDetail::tr("Stage %1, %2").arg(i + 1).arg(text(experiment.stages[i].name)),
             RunDetail::tr("%1 on %2, steps %3 to %4")
                 .arg(text(methodsInWords(stages[i])), baseName(stages[i].train.path))
                 .arg(first + 1)
                 .arg(first + stages[i].steps)});
        first += stages[i].steps;
    }
    return facts;
}

} // namespace

RunDetail::RunDetail(QWidget* parent)
    : Panel(QString(), parent)
    , m_tabs(new QTabBar(this))
    , m_stack(new QStackedWidget(this))
    , m_failure(new InlineMessage(this))
    , m_facts(new FactList(this))
{
    setBodyMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setAccessibleName(tr("What to show of the run"));
    for (const QString& title : {tr("About"), tr("Samples"), tr("Events"), tr("Checkpoints")})
        m_tabs->addTab(title);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(px(16), px(4), px(16), 0);
    head->addWidget(m_tabs);
    head->addStretch(1);
    body()->addLayout(head);
    body()->addWidget(makeLine(Qt::Horizontal, this));
    body()->addWidget(m_stack, 1);

    QVBoxLayout* about = nullptr;
    m_stack->addWidget(makeScroll(tr("About"), about));
    about->addWidget(m_failure);
    about->addWidget(m_facts);
    about->addStretch(1);
    m_stack->addWidget(makeScroll(tr("Samples"), m_samples));
    m_stack->addWidget(makeScroll(tr("Events"), m_events));
    m_stack->addWidget(makeScroll(tr("Checkpoints"), m_checkpoints));
    connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    makeButtons();
}

QWidget* RunDetail::makeScroll(const QString& name, QVBoxLayout*& column)
{
    auto* area = new QScrollArea(this);
    area->setAccessibleName(name);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* inside = new QWidget(area);
    inside->setProperty("scrolled", QStringLiteral("true"));
    column = new QVBoxLayout(inside);
    column->setContentsMargins(px(16), px(12), px(16), px(12));
    column->setSpacing(px(6));
    area->setWidget(inside);
    return area;
}

void RunDetail::makeButtons()
{
    m_pause = makeButton(tr("Pause"), ButtonKind::Small, QStringLiteral("pause"), this);
    m_stop = makeButton(tr("Stop"), ButtonKind::Small, QStringLiteral("stop"), this);
    m_resume = makeButton(tr("Resume"), ButtonKind::Small, QStringLiteral("play"), this);
    m_inspect = makeButton(tr("Inspect"), ButtonKind::Small, QStringLiteral("inspect"), this);
    m_duplicate =
        makeButton(tr("Duplicate and change"), ButtonKind::Small, QStringLiteral("copy"), this);
    m_more = makeButton(tr("More"), ButtonKind::Small, QString(), this);
    m_stop->setToolTip(tr("Ends the run after this step. What it has learned is kept."));
    m_duplicate->setToolTip(tr("Opens Tune with the settings of this run."));
    auto* menu = new QMenu(m_more);
    m_explore = menu->addAction(tr("Explore what it says now"), this, &RunDetail::exploreAsked);
    m_delete = menu->addAction(tr("Delete run and its files"), this, &RunDetail::deleteAsked);
    m_more->setMenu(menu);
    for (QPushButton* button : {m_inspect, m_resume, m_pause, m_stop, m_duplicate, m_more})
        foot()->addWidget(button);
    foot()->setSpacing(px(6));
    foot()->addStretch(1);
    connect(m_pause, &QPushButton::clicked, this, [this] {
        if (m_isPaused)
            Q_EMIT goOnAsked();
        else
            Q_EMIT pauseAsked();
    });
    connect(m_stop, &QPushButton::clicked, this, &RunDetail::stopAsked);
    connect(m_resume, &QPushButton::clicked, this, &RunDetail::resumeAsked);
    connect(m_inspect, &QPushButton::clicked, this, &RunDetail::inspectAsked);
    connect(m_duplicate, &QPushButton::clicked, this, &RunDetail::duplicateAsked);
}

void RunDetail::setRun(const std::shared_ptr<Project>& project,
                       const RunSummary& run,
                       bool isOurs,
                       bool isPaused,
                       bool canResume)
{
    if (run.id
        != m_run) { // a run without samples and one whose samples were not read yet look alike
        m_run = run.id;
        m_shownSamples = {};
        m_shownEvents = {};
        m_shownCheckpoints = {};
        clear(*m_samples);
        clear(*m_events);
        clear(*m_checkpoints);
    }
    showFacts(*project, run);
    showSamples(project->samples(run.id));
    showEvents(project->events(run.id));
    showCheckpoints(project->checkpoints(run.id));
    showButtons(run, isOurs, isPaused, canResume);
}

void RunDetail::showFacts(const Project& project, const RunSummary& run)
{
    const QString failure = text(run.failure);
    if (failure.isEmpty())
        m_failure->hide();
    else if (m_failure->sentence() != failure.section(QLatin1Char('\n'), 0, 0)
             || m_failure->isHidden())
        m_failure->show(
            run.state == RunState::Failed ? InlineMessage::Kind::Error : InlineMessage::Kind::Note,
            failure.section(QLatin1Char('\n'), 0, 0), failure.section(QLatin1Char('\n'), 1));
    const Experiment experiment = project.experimentOf(run.id);
    const double forgetting = forgettingOf(run);
    std::vector<FactList::Fact> facts {
        {tr("Name"), text(run.name)},
        {tr("State"), stateInWords(run.state)},
        {tr("Model"), text(run.model)},
        {tr("Method"), text(run.methodTitle)},
        {tr("Trained parameters"), trainedIn(run)},
        {tr("Data"), baseName(experiment.train.path)},
        {tr("Steps"), tr("%1 of %2").arg(run.step).arg(run.steps)},
        {tr("Loss, nats a token"), fromTo(run, "loss")},
        {tr("Held-out, nats a token"), fromTo(run, "heldOut.loss")},
        {run.metrics.contains("heldOut.f1") ? tr("Held-out, right labels")
                                            : tr("Held-out, right tokens"),
         shareFromTo(run, "heldOut.accuracy")},
        {tr("Held-out, F1"), fromTo(run, "heldOut.f1")},
        {tr("Held-out, F1 of entities"), fromTo(run, "heldOut.entityF1")},
        {tr("Held-out, Pearson"), fromTo(run, "heldOut.pearson")},
        {tr("Held-out, right as a whole"), shareFromTo(run, "heldOut.exactMatch")},
        {tr("General text, nats a token"), fromTo(run, "general.loss")},
        {tr("Forgetting, nats"),
         std::isnan(forgetting) ? QString() : QLocale().toString(forgetting, 'f', 3)},
        {tr("Training time"), run.seconds > 0 ? durationInWords(run.seconds) : QString()},
        {tr("Made"), timeInWords(run.created)},
        {tr("Seed"), QString::number(experiment.seed)},
    };
    std::erase_if(facts, [](const FactList::Fact& fact) { return fact.value.isEmpty(); });
    const auto stages = stageFacts(experiment);
    facts.insert(facts.begin() + std::min<std::ptrdiff_t>(5, std::ssize(facts)), stages.begin(),
                 stages.end());
    m_facts->setFacts(facts);
}

void RunDetail::showSamples(const std::vector<RunSample>& samples)
{
    if (samples == m_shownSamples && m_samples->count() > 0)
        return;
    m_shownSamples = samples;
    clear(*m_samples);
    std::vector<std::string> prompts;
    for (const RunSample& sample : samples)
        if (std::find(prompts.begin(), prompts.end(), sample.prompt) == prompts.end())
            prompts.push_back(sample.prompt);
    if (prompts.empty())
        addText(*m_samples,
                tr("None yet. The model answers some held-out prompts at its first and at each "
                   "later evaluation."),
                TextType::Table, TextInk::Ink2);
    for (const std::string& prompt : prompts) {
        const RunSample* base = nullptr;
        const RunSample* newest = nullptr;
        for (const RunSample& sample : samples) {
            if (sample.prompt != prompt)
                continue;
            if (sample.step == 0)
                base = &sample;
            else if (newest == nullptr || sample.step > newest->step)
                newest = &sample;
        }
        addText(*m_samples, text(prompt), TextType::TableStrong, TextInk::Ink);
        const RunSample* any = newest != nullptr ? newest : base;
        addText(*m_samples, tr("Wanted: %1").arg(text(any->target)), TextType::Table,
                TextInk::Ink2);
        if (base != nullptr)
            addText(*m_samples, tr("Before: %1").arg(text(base->text)), TextType::Table,
                    TextInk::Ink2);
        if (newest != nullptr)
            addText(*m_samples, tr("At step %1: %2").arg(newest->step).arg(text(newest->text)),
                    TextType::Table, TextInk::Ink);
        m_samples->addWidget(makeLine(Qt::Horizontal));
    }
    m_samples->addStretch(1);
}

void RunDetail::showEvents(const std::vector<RunEvent>& events)
{
    if (events == m_shownEvents && m_events->count() > 0)
        return;
    m_shownEvents = events;
    clear(*m_events);
    if (events.empty())
        addText(*m_events, tr("Nothing happened yet."), TextType::Table, TextInk::Ink2);
    for (auto event = events.rbegin(); event != events.rend(); ++event) { // the newest first
        addText(*m_events, tr("%1, step %2").arg(timeInWords(event->time)).arg(event->step),
                TextType::Caption, TextInk::Ink3);
        addText(*m_events, text(event->text.empty() ? event->kind : event->text), TextType::Table,
                TextInk::Ink);
    }
    m_events->addStretch(1);
}

void RunDetail::showCheckpoints(const std::vector<Checkpoint>& checkpoints)
{
    if (checkpoints == m_shownCheckpoints && m_checkpoints->count() > 0)
        return;
    m_shownCheckpoints = checkpoints;
    clear(*m_checkpoints);
    if (checkpoints.empty())
        addText(*m_checkpoints,
                tr("None yet. A checkpoint is written every few steps and when the run ends."),
                TextType::Table, TextInk::Ink2);
    for (const Checkpoint& checkpoint : checkpoints) {
        addText(*m_checkpoints, tr("Step %1").arg(checkpoint.step), TextType::TableStrong,
                TextInk::Ink);
        addText(*m_checkpoints, QDir::toNativeSeparators(text(checkpoint.folder)),
                TextType::Caption, TextInk::Ink3);
    }
    m_checkpoints->addStretch(1);
}

void RunDetail::showButtons(const RunSummary& run, bool isOurs, bool isPaused, bool canResume)
{
    const bool isUnderWay = run.state == RunState::Running || run.state == RunState::Paused;
    const bool hasEndedEarly = run.state == RunState::Stopped || run.state == RunState::Interrupted
        || run.state == RunState::Failed;
    m_isPaused = isPaused;
    m_pause->setVisible(isOurs);
    m_pause->setText(isPaused ? tr("Go on") : tr("Pause"));
    m_stop->setVisible(isOurs);
    m_resume->setVisible(hasEndedEarly && !m_shownCheckpoints.empty());
    m_resume->setEnabled(canResume);
    m_resume->setToolTip(canResume ? tr("Goes on from the last checkpoint.")
                                   : tr("Another run is under way; resume when it has ended."));
    m_inspect->setVisible(!run.adapter.empty() && !isUnderWay);
    const bool isCrowded = isOurs || hasEndedEarly; // more buttons stand beside it
    m_duplicate->setText(isCrowded ? tr("Duplicate") : tr("Duplicate and change"));
    m_explore->setVisible(!run.adapter.empty() && !isUnderWay);
    m_delete->setVisible(!isUnderWay);
    m_more->setVisible(!isUnderWay);
}

} // namespace tw
