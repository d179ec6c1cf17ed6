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
    const QString a = m_a->currentId();
    const QString b = m_b->currentId();
    const std::map<QString, Tuned> before = m_tuned;
    {
        const QSignalBlocker quietA(m_a);
        const QSignalBlocker quietB(m_b);
        m_a->clear();
        m_b->clear();
        m_tuned.clear();
        if (const std::shared_ptr<Project>& project = m_session.project()) {
            addRuns(*project);
            addFiles(*project);
        }
        m_a->setCurrentIndex(std::max(0, m_a->findData(a)));
        m_b->setCurrentIndex(std::max(0, m_b->findData(b)));
        if (a.isEmpty() || m_b->currentId() != b)
            followRun();
    }
    if (m_tuned != before)
        Q_EMIT changed();
}

void PairChooser::addRuns(const Project& project)
{
    const std::vector<RunSummary> runs = project.runs();
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) { // the newest first
        const std::string model = project.experimentOf(run->id).model;
        const QString path = text(model);
        if (m_a->findData(path) < 0)
            m_a->addChoice(text(run->model), path);
        const bool isUnderWay = run->state == RunState::Running || run->state == RunState::Paused
            || run->state == RunState::Queued;
        if (run->adapter.empty() || isUnderWay)
            continue;
        const QString id = QStringLiteral("run:%1").arg(run->id);
        m_tuned[id] = {{model, run->adapter}, tr("run %1").arg(run->id), run->id, true};
        m_b->addChoice(tr("run %1, %2").arg(run->id).arg(text(run->name)), id);
        for (const Checkpoint& checkpoint : project.checkpoints(run->id)) {
            if (checkpoint.folder == run->adapter || checkpoint.step == run->step)
                continue;
            const QString step = QStringLiteral("run:%1@%2").arg(run->id).arg(checkpoint.step);
            m_tuned[step] = {{model, checkpoint.folder},
                             tr("run %1, step %2").arg(run->id).arg(checkpoint.step),
                             run->id,
                             false};
            m_b->addChoice(m_tuned[step].name, step);
        }
    }
}

void PairChooser::addFiles(const Project& project)
{
    for (const std::string& path : project.models()) {
        const QString id = text(path);
        const bool isAdapter = QFileInfo::exists(id + QStringLiteral("/adapter_config.json"));
        if (!isAdapter && m_a->findData(id) < 0)
            m_a->addChoice(tw::baseName(path), id);
        m_tuned[id] = {isAdapter ? ModelRef {{}, path} : ModelRef {path, {}}, tw::baseName(path), 0,
                       false};
        m_b->addChoice(isAdapter ? tr("adapter %1").arg(tw::baseName(path))
                                 : tr("model %1").arg(tw::baseName(path)),
                       id);
    }
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
