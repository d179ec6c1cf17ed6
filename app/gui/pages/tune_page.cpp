// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune_page.h"

#include "app/gui/file_dialog.h"
#include "app/gui/job_watcher.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/tune/goal_step.h"
#include "app/gui/pages/tune/method_step.h"
#include "app/gui/pages/tune/ready_card.h"
#include "app/gui/pages/tune/settings_in_words.h"
#include "app/gui/pages/tune/source_menus.h"
#include "app/gui/pages/tune/stage_strip.h"
#include "app/gui/pages/tune/stage_view.h"
#include "app/gui/pages/tune/step_card.h"
#include "app/gui/run_queue.h"
#include "app/gui/session.h"
#include "app/gui/write_file.h"
#include "core/base/text.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/theme/type.h"

#include <QApplication>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>

namespace tw {
namespace {

/// What a run is called that has no name yet: after its stages, or its method.
QString nameFor(const Experiment& experiment, const QString& method)
{
    QStringList names;
    for (const Stage& stage : experiment.stages)
        names << text(stage.name);
    return names.isEmpty() ? method : names.join(QStringLiteral(", "));
}

} // namespace

TunePage::TunePage(Session& session)
    : Page(session, pageEntry(PageId::Tune).title, pageEntry(PageId::Tune).question)
    , m_editor(new DraftEditor(session, this))
{
    QPushButton* open = makeButton(tr("Open…"), ButtonKind::Secondary);
    open->setToolTip(tr("Opens an experiment from a JSON file."));
    connect(open, &QPushButton::clicked, this, &TunePage::openExperiment);
    addAction(open);
    QPushButton* save = makeButton(tr("Save as…"), ButtonKind::Secondary);
    save->setToolTip(tr("Writes the experiment as JSON; tunewright-cli runs the same file."));
    connect(save, &QPushButton::clicked, this, &TunePage::saveExperiment);
    addAction(save);

    auto* content = new QWidget;
    auto* row = new QHBoxLayout(content);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    row->addWidget(makeSteps(), 1);
    m_ready = new ReadyCard(content);
    row->addWidget(m_ready, 0, Qt::AlignTop);
    setContent(content);
    auto* empty = new EmptyState(
        pageEntry(PageId::Tune).icon, tr("Nothing to tune yet"),
        tr("Open a model and a data set, or the sample: a small real model and a shop's answers."));
    connect(empty->addButton(tr("Open the sample"), QStringLiteral("play")), &QPushButton::clicked,
            this, [this] { this->session().openSample(); });
    connect(empty->addButton(tr("Open a model…"), QStringLiteral("folder")), &QPushButton::clicked,
            this, [this] { this->session().go(PageId::Models); });
    setEmptyState(empty);

    m_checkTimer.setSingleShot(true);
    m_checkTimer.setInterval(std::chrono::milliseconds(500));
    m_checkTimer.setParent(this);
    connect(&m_checkTimer, &QTimer::timeout, this, &TunePage::check);
    connect(m_editor, &DraftEditor::changed, this, &TunePage::draftChanged);
    connect(m_ready, &ReadyCard::startAsked, this, [this] { startRun(true); });
    connect(m_ready, &ReadyCard::queueAsked, this, [this] { startRun(false); });
    const auto showBusy = [this] { showQueue(); };
    connect(&session.queue(), &RunQueue::started, this, showBusy);
    connect(&session.queue(), &RunQueue::finished, this, showBusy);
}

QWidget* TunePage::makeSteps()
{
    auto* area = new QScrollArea;
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    auto* inner = new QWidget;
    inner->setProperty("scrolled", true);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(8));
    column->addWidget(makeStages());
    m_modelCard = new StepCard(tr("1 Model"));
    m_dataCard = new StepCard(tr("2 Data"));
    m_methodCard = new StepCard(tr("3 Method"));
    m_goalCard = new StepCard(tr("4 Goal and budget"));
    for (StepCard* card : {m_modelCard, m_dataCard, m_methodCard, m_goalCard})
        column->addWidget(card);
    m_addStage = makeButton(tr("Add a stage"), ButtonKind::Flat, QStringLiteral("plus"));
    m_addStage->setToolTip(
        tr("A stage that goes on from this result, with other rows, another method or "
           "another objective: facts first, say, then preferences. All of them are one "
           "run."));
    connect(m_addStage, &QPushButton::clicked, this, &TunePage::addStage);
    column->addWidget(m_addStage, 0, Qt::AlignLeft);
    column->addStretch(1);
    m_method = new MethodStep(*m_editor, *m_methodCard);
    connect(m_method, &MethodStep::helpAsked, &session(), &Session::helpAsked);
    m_goal = new GoalStep(*m_editor, *m_goalCard);
    const auto addMenu = [this](StepCard* card, const QString& what,
                                void (*fill)(QMenu&, Session&, DraftEditor&)) {
        QPushButton* change = makeButton(tr("Change"), ButtonKind::Small);
        change->setAccessibleName(what);
        auto* menu = new QMenu(change);
        change->setMenu(menu);
        connect(menu, &QMenu::aboutToShow, this, [this, menu, fill] {
            menu->clear();
            fill(*menu, session(), *m_editor);
        });
        card->addTool(change);
    };
    addMenu(m_modelCard, tr("Change the model"), fillModelMenu);
    addMenu(m_dataCard, tr("Change the data"), fillDataMenu);
    area->setWidget(inner);
    area->setFocusPolicy(Qt::NoFocus);
    return area;
}

QWidget* TunePage::makeStages()
{
    m_stageRoom = new QFrame;
    m_stageRoom->setProperty("surface", QStringLiteral("panel"));
    m_stageRoom->setFixedHeight(px(46));
    auto* room = new QHBoxLayout(m_stageRoom);
    room->setContentsMargins(0, 0, 0, 0);
    m_stages = new StageStrip(m_stageRoom);
    room->addWidget(m_stages);
    m_stageRoom->hide();
    connect(m_stages, &StageStrip::chosen, m_editor, &DraftEditor::showStage);
    connect(m_stages, &StageStrip::addAsked, this, &TunePage::addStage);
    connect(m_stages, &StageStrip::renamed, this, &TunePage::renameStage);
    connect(m_stages, &StageStrip::removeAsked, this, [this](int stage) {
        m_editor->editWhole(tr("Remove a stage"), stage - 1, [&](Experiment& e) {
            removeStage(e, static_cast<std::size_t>(stage));
        });
    });
    connect(m_stages, &StageStrip::moveAsked, this, [this](int stage, int to) {
        m_editor->editWhole(tr("Move a stage"), to, [&](Experiment& e) {
            swapStages(e, static_cast<std::size_t>(stage), static_cast<std::size_t>(to));
        });
    });
    return m_stageRoom;
}

void TunePage::addStage()
{
    const int shown = m_editor->stage();
    m_editor->editWhole(tr("Add a stage"), std::max(shown, 0) + 1,
                        [&](Experiment& e) { tw::addStage(e, shown); });
    m_stages->focusCurrent(); // the button that was pressed may be gone
}

void TunePage::renameStage(int stage, const QString& name)
{
    const std::string wanted = name.toStdString();
    const std::vector<Stage>& all = m_editor->whole().stages;
    const bool isOwn = all.at(static_cast<std::size_t>(stage)).name == wanted;
    const bool isTaken = !isOwn && std::ranges::find(all, wanted, &Stage::name) != all.end();
    if (!isStageName(wanted) || isTaken)
        return message().show(
            InlineMessage::Kind::Warning,
            isTaken ? tr("There is another stage of the name “%1”.").arg(name)
                    : tr("“%1” is no name for a stage.").arg(name),
            tr("A name has letters, digits, spaces, - and _, at most 64 of them."));
    message().hide();
    m_editor->editWhole(tr("Rename a stage"), stage, [&](Experiment& e) {
        tw::renameStage(e, static_cast<std::size_t>(stage), wanted);
    });
}

void TunePage::projectChanged()
{
    m_check.drop();
    m_fits.drop();
    m_fitted = Experiment();
    m_describe.drop();
    m_editor->forget();
    m_described.clear();
    m_model = ModelSummary();
    m_report = CheckReport();
    refresh();
}

void TunePage::refresh()
{
    showEmptyState(!session().project());
    if (!session().project())
        return;
    if (!m_hasPlugins)
        readPlugins();
    m_editor->reload();
    showQueue();
    if (m_described.empty() && !m_describe.isRunning())
        draftChanged();
}

void TunePage::readPlugins()
{
    m_hasPlugins = true;
    const std::vector<PluginInfo> all = session().workspace().plugins();
    std::vector<PluginInfo> adaptations;
    std::copy_if(all.begin(), all.end(), std::back_inserter(adaptations),
                 [](const PluginInfo& info) { return info.kind == "adaptation"; });
    m_method->setMethods(adaptations);
    m_goal->setPlugins(all);
}

void TunePage::draftChanged()
{
    const Experiment& draft = m_editor->draft();
    if (draft.model != m_described)
        describeModel();
    m_method->show();
    m_goal->show();
    m_check.drop(); // its answer would be about the document as it was
    m_isChecked = false;
    showSteps();
    showPlan();
    showStages();
    m_checkTimer.start();
}

void TunePage::showStages()
{
    m_stageRoom->setVisible(m_editor->stage() >= 0);
    m_addStage->setVisible(m_editor->stage() < 0); // the strip has a button of its own
    m_stages->show(stageChips(m_editor->whole(), m_isChecked ? m_report.problems : Problems()),
                   m_editor->stage());
}

void TunePage::describeModel()
{
    m_described = m_editor->draft().model;
    m_model = ModelSummary();
    m_method->setModel(m_model);
    m_describe.drop();
    if (m_described.empty())
        return;
    JobWatcher* watcher = m_describe.start(
        session().workspace().describeModel(m_described),
        [this](const ModelSummary& model) {
            m_model = model;
            m_method->setModel(model);
            showUsualTrained();
            message().hide();
            showSteps();
            showPlan();
        },
        this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        message().show(InlineMessage::Kind::Error, what, hint);
    });
}

/// Looks at the first rows anew where what they are read with has changed.
void TunePage::findFits()
{
    const Experiment& draft = m_editor->draft();
    Experiment asked;
    asked.model = draft.model;
    asked.train = draft.train;
    asked.layout = draft.layout;
    asked.system = draft.system;
    asked.maxLength = draft.maxLength;
    asked.objective = draft.objective;
    if (asked == m_fitted || asked.model.empty() || asked.train.path.empty())
        return;
    m_fitted = asked;
    JobWatcher* watcher = m_fits.start(
        session().workspace().objectiveFits(asked),
        [this](const std::vector<ObjectiveFit>& fits) { m_goal->setFits(fits); }, this);
    connect(watcher, &JobWatcher::failed, this,
            [this] { m_goal->setFits({}); }); // check() says why
}

void TunePage::check()
{
    findFits();
    const Experiment& draft = m_editor->draft();
    if (draft.model.empty() || draft.train.path.empty()) {
        m_report = CheckReport();
        if (draft.model.empty())
            m_report.problems.push_back(
                {"model", tr("No model is chosen.").toStdString(), {}, false});
        if (draft.train.path.empty())
            m_report.problems.push_back(
                {"train.path", tr("No data is chosen.").toStdString(), {}, false});
        m_isChecked = true;
        return showSteps();
    }
    JobWatcher* watcher = m_check.start(
        session().workspace().check(m_editor->whole()),
        [this](const CheckReport& report) {
            m_report = report;
            m_isChecked = true;
            showSteps();
            showStages();
            showPlan();
        },
        this);
    connect(watcher, &JobWatcher::failed, this, [this](const QString& what, const QString& hint) {
        m_report = CheckReport();
        m_report.problems.push_back({{}, what.toStdString(), hint.toStdString(), false});
        m_isChecked = true;
        showSteps();
    });
}

Problems TunePage::problemsShown() const
{
    return problemsOfStage(m_report.problems, m_editor->whole(), m_editor->stage());
}

ProofSummary TunePage::trainShown() const
{
    const auto stage = static_cast<std::size_t>(std::max(m_editor->stage(), 0));
    return stage < m_report.stages.size() ? m_report.stages[stage].train : m_report.train;
}

void TunePage::showSteps()
{
    const Experiment& draft = m_editor->draft();
    const QLocale locale;
    const bool hasModel = m_model.loads;
    m_modelCard->setDone(hasModel);
    m_modelCard->setChosen(
        draft.model.empty()
            ? tr("none chosen")
            : text(m_model.name.empty() ? baseName(draft.model).toStdString() : m_model.name),
        hasModel ? tr("%1 blocks, %2 parameters, %3")
                       .arg(m_model.layers)
                       .arg(text(countInWords(m_model.parameters)),
                            text(bytesInWords(m_model.fileBytes)))
                 : text(m_model.whyNot));
    const ProofSummary train = trainShown();
    QStringList facts;
    if (m_isChecked && train.rows > 0) {
        facts << tr("%1 rows to train").arg(locale.toString(qlonglong(train.rows)));
        facts << tr("%1 held out").arg(locale.toString(qlonglong(m_report.heldOut.rows)));
    }
    facts << layoutInWords(draft.layout);
    m_dataCard->setChosen(draft.train.path.empty() ? tr("none chosen") : baseName(draft.train.path),
                          facts.join(QStringLiteral(", ")));
    m_dataCard->setDone(m_isChecked && train.rows > 0 && train.failed.empty());
    m_dataCard->setChip(
        m_isChecked && !train.truncated.empty()
            ? tr("%n row(s) truncated", nullptr, static_cast<int>(train.truncated.size()))
            : QString());
    m_methodCard->setDone(m_report.plan.trainedParameters > 0 || m_plan.trainedParameters > 0);
    m_goalCard->setDone(draft.steps > 0);
    m_goalCard->setChosen({}, m_goal->inWords(m_isChecked ? train.rows : 0));
    setQuestion(draft.model.empty()
                    ? pageEntry(PageId::Tune).question
                    : tr("%1, %2").arg(baseName(draft.train.path), m_method->inWords()));
    m_method->setProblems(problemsShown());
    m_goal->setProblems(problemsShown());
    m_ready->setProblems(m_isChecked ? withStageNames(m_report.problems, m_editor->whole())
                                     : Problems(),
                         m_isChecked);
}

void TunePage::showPlan()
{
    if (!m_model.loads)
        return;
    const ProofSummary train = trainShown();
    const double tokens =
        train.rows > 0 ? static_cast<double>(train.tokens) / static_cast<double>(train.rows) : 0.0;
    m_plan = session().workspace().plan(m_model, m_editor->draft(), tokens);
    const bool isWhole = m_editor->stage() < 0;
    m_ready->setPlan(isWhole ? m_plan
                             : session().workspace().plan(m_model, m_editor->whole(), tokens),
                     session().workspace().device());
    m_method->setPlan(m_plan);
    m_ready->setDifferences(differencesInWords(m_editor->draft(), m_method->methods()));
    m_methodCard->setDone(m_plan.trainedParameters > 0);
}

/// What the cards say: each method on the sites where it usually sits in this model.
void TunePage::showUsualTrained()
{
    std::map<std::string, std::int64_t> trained;
    Experiment usual;
    for (const PluginInfo& info : m_method->methods()) {
        usual.adaptations = {AdaptationChoice {info.id, {}, {}}};
        trained[info.id] = session().workspace().plan(m_model, usual).trainedParameters;
    }
    m_method->setUsualTrained(trained);
}

QString TunePage::helpName() const
{
    const QWidget* focused = QApplication::focusWidget();
    const bool isOnMethod = focused != nullptr && m_methodCard->isAncestorOf(focused);
    return isOnMethod ? text(m_method->methodInHand()) : QString();
}

void TunePage::startRun(bool isNow)
{
    m_editor->saveNow();
    Project& project = session().ensureProject();
    Experiment experiment = m_editor->whole();
    // A name is given to one run: the next one is called after its method until it gets its own.
    const std::vector<RunSummary> runs = project.runs();
    const bool isTaken = std::any_of(runs.begin(), runs.end(), [&](const RunSummary& known) {
        return known.name == experiment.name;
    });
    if (experiment.name.empty() || experiment.name == Experiment().name || isTaken)
        experiment.name = nameFor(experiment, m_method->inWords()).toStdString();
    const std::int64_t run = project.addRun(experiment);
    if (isNow)
        session().queue().start(run);
    session().go(PageId::Runs, run);
}

void TunePage::showQueue()
{
    const std::int64_t current = session().queue().currentRun();
    if (current == 0)
        return m_ready->setBusyRun(0, 0);
    std::vector<std::int64_t> waiting = session().project()->queue();
    std::erase(waiting, current); // it may not have begun yet
    m_ready->setBusyRun(current, waiting.size());
}

void TunePage::openExperiment()
{
    auto* dialog = new QFileDialog(this, tr("Open an experiment"), {}, tr("Experiments (*.json)"));
    ask(dialog, this, [this](const QString& file) {
        const Experiment read = readExperiment(file.toStdString());
        m_editor->editWhole(tr("Open an experiment"), 0, [&](Experiment& e) { e = read; });
    });
}

void TunePage::saveExperiment()
{
    auto* dialog = new QFileDialog(this, tr("Save the experiment"), {}, tr("Experiments (*.json)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    ask(dialog, this, [this](const QString& file) {
        writeFile(file, QByteArray::fromStdString(toJsonText(m_editor->whole())));
    });
}

Page* makeTunePage(Session& session)
{
    return new TunePage(session);
}

} // namespace tw
