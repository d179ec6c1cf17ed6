// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/draft_editor.h"

#include "app/gui/session.h"
#include "core/workbench/experiment.h"

#include <QUndoCommand>

#include <algorithm>
#include <chrono>

namespace tw {

/// The document before and after; experiments are small values, so whole copies are the simplest
/// truth.
class DraftCommand final : public QUndoCommand
{
public:
    /// A document, and the stage of it that is shown.
    struct State
    {
        Experiment draft;
        int stage = -1;
    };

    DraftCommand(DraftEditor& editor, const QString& what, QString key, State before, State after)
        : QUndoCommand(what)
        , m_editor(editor)
        , m_key(std::move(key))
        , m_before(std::move(before))
        , m_after(std::move(after))
    {
    }
    void undo() override { m_editor.set(m_before.draft, m_before.stage); }
    void redo() override { m_editor.set(m_after.draft, m_after.stage); }
    int id() const override { return m_key.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* next = static_cast<const DraftCommand*>(other);
        if (next->m_key != m_key || next->m_after.stage != m_after.stage)
            return false;
        m_after = next->m_after;
        return true;
    }

private:
    DraftEditor& m_editor;
    QString m_key;
    State m_before;
    State m_after;
};

DraftEditor::DraftEditor(Session& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
{
    m_saveTimer.setSingleShot(true);
    m_saveTimer.setInterval(std::chrono::milliseconds(400));
    connect(&m_saveTimer, &QTimer::timeout, this, &DraftEditor::saveNow);
    connect(&session, &Session::saveAsked, this, &DraftEditor::saveNow);
}

void DraftEditor::edit(const QString& what,
                       const QString& key,
                       const std::function<void(Experiment&)>& change)
{
    Experiment after = m_shown;
    change(after);
    if (after == m_shown)
        return;
    Experiment whole = m_draft;
    if (m_stage < 0)
        whole = after;
    else
        putStage(whole, static_cast<std::size_t>(m_stage), after);
    m_undo.push(new DraftCommand(*this, what, key, {m_draft, m_stage}, {whole, m_stage}));
}

void DraftEditor::editWhole(const QString& what,
                            int stage,
                            const std::function<void(Experiment&)>& change)
{
    Experiment after = m_draft;
    change(after);
    if (!(after == m_draft))
        m_undo.push(new DraftCommand(*this, what, {}, {m_draft, m_stage}, {after, stage}));
}

void DraftEditor::showStage(int stage)
{
    if (stage == m_stage)
        return;
    put(m_draft, stage);
    Q_EMIT changed();
}

void DraftEditor::reload()
{
    if (!m_session.project()) {
        m_saved = Experiment();
        put(m_saved, -1);
        m_undo.clear();
        Q_EMIT changed();
        return;
    }
    const Experiment stored = m_session.project()->draft();
    if (m_saveTimer.isActive() || stored == m_saved)
        return; // ours is newer, or nothing has happened to it
    m_saved = stored;
    put(stored, 0);
    m_undo.clear();
    Q_EMIT changed();
}

void DraftEditor::saveNow()
{
    const bool isDue = m_saveTimer.isActive();
    m_saveTimer.stop();
    if (!isDue || !m_session.project() || m_session.project()->isReadOnly() || m_saved == m_draft)
        return;
    m_session.project()->setDraft(m_draft);
    m_saved = m_draft;
}

void DraftEditor::forget()
{
    m_saveTimer.stop();
    m_undo.clear();
    m_saved = Experiment();
    put(m_saved, -1);
}

void DraftEditor::put(const Experiment& draft, int stage)
{
    m_draft = draft;
    const int count = static_cast<int>(m_draft.stages.size());
    m_stage = count == 0 ? -1 : std::clamp(stage, 0, count - 1);
    m_shown = m_stage < 0 ? m_draft : stageOf(m_draft, static_cast<std::size_t>(m_stage));
}

void DraftEditor::set(const Experiment& draft, int stage)
{
    put(draft, stage);
    m_saveTimer.start();
    Q_EMIT changed();
}

} // namespace tw
