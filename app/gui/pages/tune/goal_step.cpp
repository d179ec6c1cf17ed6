// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/goal_step.h"

#include "app/gui/pages/tune/draft_editor.h"
#include "app/gui/pages/tune/objective_choice.h"
#include "app/gui/pages/tune/step_card.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/segmented_choice.h"
#include "widgets/basic/text_label.h"
#include "widgets/form/number_field.h"
#include "widgets/form/param_form.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>

namespace tw {
namespace {

/// A whole number of the document that the form edits by its name in the JSON.
struct NumberEntry
{
    const char* field;
    std::int64_t Experiment::*member;
    double lowest;
    double highest;
};

constexpr double kMost = 1e7; // no run of this program comes near

const NumberEntry kNumbers[] = {
    {"steps", &Experiment::steps, 1, kMost},
    {"batchRows", &Experiment::batchRows, 1, 4096},
    {"maxLength", &Experiment::maxLength, 8, 1048576},
    {"seed", &Experiment::seed, 0, 2147483647},
    {"accumulation", &Experiment::accumulation, 1, 4096},
    {"evaluateEvery", &Experiment::evaluateEvery, 0, kMost},
    {"checkpointEvery", &Experiment::checkpointEvery, 0, kMost},
    {"keepCheckpoints", &Experiment::keepCheckpoints, 1, 1000},
    {"threads", &Experiment::threads, 0, 1024},
};

const NumberEntry* entryOf(const QString& field)
{
    for (const NumberEntry& entry : kNumbers) {
        if (field == QLatin1String(entry.field))
            return &entry;
    }
    return nullptr;
}

const QString& rateField()
{
    static const QString field = QStringLiteral("optimizer.settings.learningRate");
    return field;
}

} // namespace

GoalStep::GoalStep(DraftEditor& editor, StepCard& card)
    : QObject(&card)
    , m_editor(editor)
{
    m_detail = new SegmentedChoice({tr("Simple"), tr("Advanced")}, tr("How many settings"), &card);
    card.addTool(m_detail);
    connect(m_detail, &SegmentedChoice::chosen, this,
            [this](int index) { showAdvanced(index == 1); });
    m_objective = new ObjectiveChoice(editor, &card);
    card.body()->addWidget(m_objective);
    auto* simple = new QWidget(&card);
    auto* grid = new QGridLayout(simple);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(px(12));
    grid->setVerticalSpacing(px(4));
    addNumber(
        *grid, 0, QStringLiteral("steps"), tr("Stop after"), tr("steps"),
        tr("How many times the trained weights are moved. 100 to 1,000 suits most small data."));
    addNumber(*grid, 1, rateField(), tr("Learning rate"), {},
              tr("How far one step goes. 1e-4 to 5e-4 suits most; higher learns faster and forgets "
                 "more."));
    addNumber(*grid, 2, QStringLiteral("batchRows"), tr("Rows a step"), tr("rows"),
              tr("Rows that are read together. More is steadier and needs more memory."));
    addNumber(*grid, 3, QStringLiteral("maxLength"), tr("Length"), tr("tokens"),
              tr("Longer rows are cut here. The token proof on the page Data shows which."));
    addNumber(*grid, 4, QStringLiteral("seed"), tr("Seed"), {},
              tr("The same seed gives the same run on this device."));
    card.body()->addWidget(simple);
    m_advanced = new QWidget(&card);
    auto* more = new QGridLayout(m_advanced);
    more->setContentsMargins(0, 0, 0, 0);
    more->setHorizontalSpacing(px(12));
    more->setVerticalSpacing(px(4));
    makeAdvanced(*more);
    card.body()->addWidget(m_advanced);
    m_advanced->hide();
}

void GoalStep::makeAdvanced(QGridLayout& grid)
{
    addNumber(grid, 0, QStringLiteral("accumulation"), tr("Passes a step"), {},
              tr("Forward passes whose gradients are added up before a step: more rows a step in "
                 "the same memory."));
    addNumber(grid, 1, QStringLiteral("evaluateEvery"), tr("Evaluate every"), tr("steps"),
              tr("How often the held-out rows and the general text are read. 0: only at the end."));
    addNumber(grid, 2, QStringLiteral("checkpointEvery"), tr("Save every"), tr("steps"),
              tr("How often the state is saved; a run goes on from there. 0: only at the end."));
    addNumber(grid, 3, QStringLiteral("keepCheckpoints"), tr("Keep"), tr("states"),
              tr("Older saved states are deleted."));
    addNumber(grid, 4, QStringLiteral("threads"), tr("Threads"), {},
              tr("Of the processor. 0: all."));
    addChoice(grid, 0, m_schedule, tr("Learning rate over time"));
    connect(m_schedule, &ChoiceBox::chosen, this, [this](const QString& id) {
        m_editor.edit(tr("Choose a schedule"), {}, [&](Experiment& e) {
            e.schedule = PluginChoice {id.toStdString(), e.schedule.settings};
        });
    });
    m_groupByLength = new QCheckBox(tr("Rows of like length together"));
    m_groupByLength->setToolTip(
        tr("Wastes less on padding; the order of the rows is then less random."));
    connect(m_groupByLength, &QCheckBox::toggled, this, [this](bool isOn) {
        m_editor.edit(tr("Group rows by length"), {},
                      [&](Experiment& e) { e.groupByLength = isOn; });
    });
    m_shuffle = new QCheckBox(tr("Rows in a drawn order"));
    m_shuffle->setToolTip(tr("A new order for each pass over the rows. Off: as they stand in the "
                             "file, for exact comparisons."));
    connect(m_shuffle, &QCheckBox::toggled, this, [this](bool isOn) {
        m_editor.edit(tr("Change the order of the rows"), {},
                      [&](Experiment& e) { e.shuffle = isOn; });
    });
    grid.addWidget(m_shuffle, 4, 1, 1, 2);
    grid.addWidget(m_groupByLength, 4, 3, 1, 2);
    m_scheduleForm = new ParamForm;
    m_optimizerForm = new ParamForm;
    m_optimizerForm->setAdvancedShown(true);
    connect(m_optimizerForm, &ParamForm::edited, this, [this](const QString& id) {
        m_editor.edit(tr("Change the optimiser"), QStringLiteral("optimizer.") + id,
                      [this](Experiment& e) { e.optimizer.settings = m_optimizerForm->values(); });
    });
    connect(m_scheduleForm, &ParamForm::edited, this, [this](const QString& id) {
        m_editor.edit(tr("Change the schedule"), QStringLiteral("schedule.") + id,
                      [this](Experiment& e) { e.schedule.settings = m_scheduleForm->values(); });
    });
    grid.addWidget(m_scheduleForm, 6, 0, 1, 2, Qt::AlignTop);
    grid.addWidget(m_optimizerForm, 6, 2, 1, 3, Qt::AlignTop);
}

void GoalStep::addNumber(QGridLayout& grid,
                         int column,
                         const QString& field,
                         const QString& label,
                         const QString& unit,
                         const QString& help)
{
    auto* title = new TextLabel(label, TextType::Table, TextInk::Ink2);
    auto* number = new NumberField(label, unit);
    auto* words = (new TextLabel(TextType::Caption, TextInk::Error))->wrapped();
    title->setBuddy(number);
    title->setToolTip(help);
    number->setToolTip(help);
    number->setObjectName(field);
    words->hide();
    grid.addWidget(title, 0, column);
    grid.addWidget(number, 1, column);
    grid.addWidget(words, 2, column);
    grid.setColumnStretch(column, 1);
    m_numbers[field] = number;
    m_words[field] = words;
    const NumberEntry* entry = entryOf(field);
    if (entry != nullptr)
        number->setRange(entry->lowest, entry->highest, true);
    else
        number->setRange(0.0, 1.0, false);
    connect(number, &NumberField::edited, this, [this, entry, field, label, words](double value) {
        words->hide();
        m_editor.edit(tr("Change: %1").arg(label), field, [&](Experiment& e) {
            if (entry != nullptr)
                e.*(entry->member) = static_cast<std::int64_t>(value);
            else
                e.optimizer.settings["learningRate"] = value;
        });
    });
    connect(number, &NumberField::refused, words, [number, words](const QString& why) {
        words->setText(why);
        words->show();
        number->setMarked(QStringLiteral("error"));
    });
}

void GoalStep::addChoice(QGridLayout& grid, int column, ChoiceBox*& box, const QString& label)
{
    box = new ChoiceBox(label);
    auto* title = new TextLabel(label, TextType::Table, TextInk::Ink2);
    title->setBuddy(box);
    grid.addWidget(title, 3, column);
    grid.addWidget(box, 4, column);
}

void GoalStep::showAdvanced(bool isShown)
{
    m_advanced->setVisible(isShown);
    m_objective->setAdvancedShown(isShown);
}

void GoalStep::setPlugins(const std::vector<PluginInfo>& plugins)
{
    m_plugins = plugins;
    std::vector<PluginInfo> objectives;
    std::ranges::copy_if(plugins, std::back_inserter(objectives),
                         [](const PluginInfo& info) { return info.kind == "objective"; });
    m_objective->setObjectives(objectives);
    m_schedule->clear();
    for (const PluginInfo& info : plugins) {
        if (info.kind == "schedule")
            m_schedule->addChoice(QCoreApplication::translate("schedule", info.title.c_str()),
                                  QString::fromStdString(info.id));
    }
    show();
}

void GoalStep::setFits(const std::vector<ObjectiveFit>& fits)
{
    m_objective->setFits(fits);
}

const PluginInfo* GoalStep::chosen(const char* kind, const std::string& id) const
{
    const auto found = std::find_if(m_plugins.begin(), m_plugins.end(), [&](const PluginInfo& p) {
        return p.kind == kind && p.id == id;
    });
    return found == m_plugins.end() ? nullptr : &*found;
}

void GoalStep::show()
{
    const Experiment& draft = m_editor.draft();
    m_objective->show();
    for (const NumberEntry& entry : kNumbers) {
        NumberField* number = m_numbers.at(QLatin1String(entry.field));
        const auto value = static_cast<double>(draft.*(entry.member));
        if (!number->hasFocus() || number->value() != value)
            number->setValue(value);
    }
    const PluginInfo* optimizer = chosen("optimizer", draft.optimizer.method);
    if (optimizer != nullptr) {
        std::vector<ParamSpec> others;
        for (const ParamSpec& spec : optimizer->params) {
            if (spec.id != "learningRate") {
                others.push_back(spec);
                continue;
            }
            const ParamValue& rate = valueOf(spec, draft.optimizer.settings);
            const double value =
                std::holds_alternative<double>(rate) ? std::get<double>(rate) : 0.0;
            NumberField* number = m_numbers.at(rateField());
            if (!number->hasFocus() || number->value() != value)
                number->setValue(value);
        }
        if (m_shownOptimizer != optimizer->id) {
            m_optimizerForm->setSpecs(others, QString::fromStdString(optimizer->id));
            m_shownOptimizer = optimizer->id;
        }
        m_optimizerForm->setValues(draft.optimizer.settings);
    }
    if (const PluginInfo* schedule = chosen("schedule", draft.schedule.method)) {
        if (m_shownSchedule != schedule->id) {
            m_scheduleForm->setSpecs(schedule->params, QStringLiteral("schedule"));
            m_shownSchedule = schedule->id;
        }
        m_scheduleForm->setValues(draft.schedule.settings);
    }
    m_schedule->setCurrentId(QString::fromStdString(draft.schedule.method));
    const QSignalBlocker quiet(m_groupByLength);
    m_groupByLength->setChecked(draft.groupByLength);
    m_groupByLength->setEnabled(draft.shuffle);
    const QSignalBlocker quietToo(m_shuffle);
    m_shuffle->setChecked(draft.shuffle);
}

void GoalStep::setProblems(const Problems& problems)
{
    for (const auto& [field, number] : m_numbers) {
        QString words;
        bool isWarning = false;
        for (const Problem& problem : problems) {
            if (QString::fromStdString(problem.field) != field)
                continue;
            words = QString::fromStdString(problem.what + " " + problem.hint).trimmed();
            isWarning = problem.isWarning;
        }
        TextLabel* label = m_words.at(field);
        label->setInk(isWarning ? TextInk::Warn : TextInk::Error);
        label->setText(words);
        label->setVisible(!words.isEmpty());
        number->setMarked(words.isEmpty() ? QString()
                              : isWarning ? QStringLiteral("warn")
                                          : QStringLiteral("error"));
    }
    m_objective->setProblems(problems);
    m_optimizerForm->setProblems(problems, QStringLiteral("optimizer.settings."));
    m_scheduleForm->setProblems(problems, QStringLiteral("schedule.settings."));
}

QString GoalStep::inWords(std::int64_t rows) const
{
    const Experiment& draft = m_editor.draft();
    const QLocale locale;
    QStringList parts;
    if (rows > 0) {
        const double seen = static_cast<double>(draft.steps * draft.batchRows * draft.accumulation);
        parts << tr("%1 passes over %2 rows")
                     .arg(locale.toString(seen / static_cast<double>(rows), 'f', 1),
                          locale.toString(qlonglong(rows)));
    }
    if (m_schedule->currentIndex() >= 0)
        parts << tr("schedule: %1").arg(m_schedule->currentText());
    parts << (draft.evaluateEvery > 0
                  ? tr("evaluated every %n step(s)", nullptr, static_cast<int>(draft.evaluateEvery))
                  : tr("evaluated at the end"));
    return parts.join(QStringLiteral(", "));
}

} // namespace tw
