// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/pair_chooser.h"

#include "app/gui/session.h"
#include "widgets/basic/chip.h"
#include "widgets/basic/choice_box.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QSignalBlocker>

#include <algorithm>

namespace tw {

PairChooser::PairChooser(Session& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_a(new ChoiceBox(tr("A, the model before"), this))
    , m_b(new ChoiceBox(tr("B, the model after"), this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(px(8), 0, 0, 0);
    row->setSpacing(px(10));
    auto* arrow = new QLabel(this);
    arrow->setPixmap(lineIcon(QStringLiteral("chevron-right")).pixmap(px(16), px(16)));
    row->addWidget(new Chip(tr("A"), Chip::Kind::Quiet, this));
    row->addWidget(m_a);
    row->addWidget(arrow);
    row->addWidget(new Chip(tr("B"), Chip::Kind::Accent, this));
    row->addWidget(m_b);
    m_a->setMinimumWidth(px(184));
    m_b->setMinimumWidth(px(184));
    connect(m_a, &ChoiceBox::chosen, this, &PairChooser::changed);
    connect(m_b, &ChoiceBox::chosen, this, [this] {
        followRun();
        Q_EMIT changed();
    });
}

void PairChooser::refresh()
{
    Choices a;
    Choices b;
    std::map<QString, Tuned> tuned;
    if (const std::shared_ptr<Project>& project = m_session.project()) {
        readRuns(*project);
        addRuns(a, b, tuned);
        addFiles(*project, a, b, tuned);
    }
    const QString before = m_b->currentId();
    const bool isFirst = m_a->currentId().isEmpty();
    const bool isOther = tuned != m_tuned;
    m_tuned = std::move(tuned);
    fill(*m_a, a);
    fill(*m_b, b);
    if (isFirst || m_b->currentId() != before)
        followRun();
    if (isOther)
        Q_EMIT changed();
}

/// An open list is left alone unless it says something else than it should.
void PairChooser::fill(ChoiceBox& box, const Choices& choices)
{
    bool isSame = box.count() == static_cast<int>(choices.size());
    for (int i = 0; isSame && i < box.count(); ++i) {
        const auto& [words, id] = choices[static_cast<std::size_t>(i)];
        isSame = box.itemText(i) == words && box.itemData(i).toString() == id;
    }
    if (isSame)
        return;
    const QSignalBlocker quiet(&box);
    const QString chosen = box.currentId();
    box.clear();
    for (const auto& [words, id] : choices)
        box.addChoice(words, id);
    box.setCurrentIndex(std::max(0, box.findData(chosen)));
}

/// Documents of runs never change and checkpoints only while a run trains: they are read once.
void PairChooser::readRuns(const Project& project)
{
    if (m_known.project != project.folder())
        m_known = {project.folder(), {}, {}};
    m_known.summaries = project.runs();
    for (const RunSummary& run : m_known.summaries) {
        Known& known = m_known.runs[run.id];
        if (known.created != run.created) // another run has got the number of a deleted one
            known = {run.created, project.experimentOf(run.id).model, RunState::Queued, -1, {}};
        if (isUnderWay(run) || (known.state == run.state && known.step == run.step))
            continue;
        known.state = run.state;
        known.step = run.step;
        known.checkpoints = project.checkpoints(run.id);
    }
}

bool PairChooser::isUnderWay(const RunSummary& run)
{
    return run.state == RunState::Running || run.state == RunState::Paused
        || run.state == RunState::Queued;
}

void PairChooser::addRuns(Choices& a, Choices& b, std::map<QString, Tuned>& tuned) const
{
    const std::vector<RunSummary>& runs = m_known.summaries;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) { // the newest first
        const Known& known = m_known.runs.at(run->id);
        addChoice(a, text(run->model), text(known.model));
        if (run->adapter.empty() || isUnderWay(*run))
            continue;
        const QString id = QStringLiteral("run:%1").arg(run->id);
        tuned[id] = {{known.model, run->adapter}, tr("run %1").arg(run->id), run->id, true};
        addChoice(b, tr("run %1, %2").arg(run->id).arg(text(run->name)), id);
        for (const Checkpoint& checkpoint : known.checkpoints) {
            if (checkpoint.folder == run->adapter || checkpoint.step == run->step)
                continue;
            const QString step = QStringLiteral("run:%1@%2").arg(run->id).arg(checkpoint.step);
            tuned[step] = {{known.model, checkpoint.folder},
                           tr("run %1, step %2").arg(run->id).arg(checkpoint.step),
                           run->id,
                           false};
            addChoice(b, tuned[step].name, step);
        }
    }
}

void PairChooser::addFiles(const Project& project,
                           Choices& a,
                           Choices& b,
                           std::map<QString, Tuned>& tuned)
{
    for (const std::string& path : project.models()) {
        const QString id = text(path);
        const bool isAdapter = QFileInfo::exists(id + QStringLiteral("/adapter_config.json"));
        if (!isAdapter)
            addChoice(a, tw::baseName(path), id);
        tuned[id] = {isAdapter ? ModelRef {{}, path} : ModelRef {path, {}}, tw::baseName(path), 0,
                     false};
        addChoice(b,
                  isAdapter ? tr("adapter %1").arg(tw::baseName(path))
                            : tr("model %1").arg(tw::baseName(path)),
                  id);
    }
}

void PairChooser::addChoice(Choices& choices, const QString& words, const QString& id)
{
    const bool isKnown = std::any_of(choices.begin(), choices.end(),
                                     [&](const auto& choice) { return choice.second == id; });
    if (!isKnown)
        choices.emplace_back(words, id);
}

void PairChooser::followRun()
{
    const std::optional<Tuned> chosen = tuned();
    if (chosen && chosen->run != 0 && m_a->findData(text(chosen->ref.model)) >= 0)
        m_a->setCurrentId(text(chosen->ref.model));
}

void PairChooser::chooseRun(std::int64_t run)
{
    refresh();
    if (m_b->setCurrentId(QStringLiteral("run:%1").arg(run))) {
        followRun();
        Q_EMIT changed();
    }
}

ModelRef PairChooser::base() const
{
    return {m_a->currentId().toStdString(), {}};
}

QString PairChooser::baseName() const
{
    return m_a->currentText();
}

std::optional<PairChooser::Tuned> PairChooser::tuned() const
{
    const auto found = m_tuned.find(m_b->currentId());
    if (found == m_tuned.end())
        return {};
    Tuned chosen = found->second;
    if (chosen.ref.model.empty()) // an adapter from outside sits on whatever A is
        chosen.ref.model = base().model;
    return chosen;
}

} // namespace tw
