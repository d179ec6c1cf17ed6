// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/draft_editor.h"

#include "app/gui/session.h"

#include <QUndoCommand>

#include <chrono>

namespace tw {

/// The document before and after; experiments are small values, so whole copies are the simplest
/// truth.
class DraftCommand final : public QUndoCommand
{
public:
    DraftCommand(
        DraftEditor& editor, const QString& what, QString key, Experiment before, Experiment after)
        : QUndoCommand(what)
        , m_editor(editor)
        , m_key(std::move(key))
        , m_before(std::move(before))
        , m_after(std::move(after))
    {
    }
    void undo() override { m_editor.set(m_before); }
    void redo() override { m_editor.set(m_after); }
    int id() const override { return m_key.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override
    {
        const auto* next = static_cast<const DraftCommand*>(other);
        if (next->m_key != m_key)
            return false;
        m_after = next->m_after;
        return true;
    }

private:
    DraftEditor& m_editor;
    QString m_key;
    Experiment m_before;
    Experiment m_after;
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
    Experiment after = m_draft;
    change(after);
    if (after == m_draft)
        return;
    m_undo.push(new DraftCommand(*this, what, key, m_draft, after));
}

void DraftEditor::reload()
{
    if (!m_session.project()) {
        m_draft = m_saved = Experiment();
        m_undo.clear();
        Q_EMIT changed();
        return;
    }
    const Experiment stored = m_session.project()->draft();
    if (m_saveTimer.isActive() || stored == m_saved)
        return; // ours is newer, or nothing has happened to it
    m_saved = stored;
    m_draft = stored;
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
    m_draft = m_saved = Experiment();
}

void DraftEditor::set(const Experiment& draft)
{
    m_draft = draft;
    m_saveTimer.start();
    Q_EMIT changed();
}

} // namespace tw
