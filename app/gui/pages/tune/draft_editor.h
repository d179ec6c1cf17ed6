// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/experiment.h"

#include <QObject>
#include <QTimer>
#include <QUndoStack>

#include <functional>

namespace tw {

class Session;

/// The experiment being edited: every change can be undone, and is saved in the project. Where it
/// has stages, one of them is shown, and the page edits this one as if it were all.
class DraftEditor final : public QObject
{
    Q_OBJECT

public:
    DraftEditor(Session& session, QObject* parent);

    /// The shown stage as an experiment of its own; without stages the whole.
    const Experiment& draft() const { return m_shown; }
    /// The document.
    const Experiment& whole() const { return m_draft; }
    int stage() const { return m_stage; } ///< that is shown; -1: there are none
    void showStage(int stage);
    /// Edits what is shown. what: in words, for the undo menu. Edits of one field in a row (same
    /// key) are undone together.
    void
    edit(const QString& what, const QString& key, const std::function<void(Experiment&)>& change);
    /// Edits the document; `stage` is shown then, where it has so many.
    void editWhole(const QString& what, int stage, const std::function<void(Experiment&)>& change);
    /// Reads the project's draft; forgets what could be undone where it is not ours.
    void reload();
    void saveNow();
    /// Another project was opened: what was not saved yet belonged to the other one.
    void forget();
    QUndoStack* undoStack() { return &m_undo; }

Q_SIGNALS:
    void changed(); ///< by an edit, an undo or a reload

private:
    friend class DraftCommand;
    void set(const Experiment& draft, int stage);
    void put(const Experiment& draft, int stage); ///< without saving it

    Session& m_session;
    Experiment m_draft;
    Experiment m_shown;
    int m_stage = -1;
    Experiment m_saved;
    QUndoStack m_undo;
    QTimer m_saveTimer;
};

} // namespace tw
