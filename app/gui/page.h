// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstdint>

class QHBoxLayout;
class QStackedLayout;
class QUndoStack;

namespace tw {

class EmptyState;
class InlineMessage;
class Session;
class TextLabel;

/// One page: a head of 60 (title, one question, actions at the right), messages, and below either
/// content or an empty state. A page may be made long before it is shown; hidden pages are
/// refreshed when they are shown again.
class Page : public QWidget
{
    Q_OBJECT

public:
    Page(Session& session,
         const QString& title,
         const QString& question,
         QWidget* parent = nullptr);

    /// Another project is open, or none. Also called once before a page is first shown; never
    /// earlier, so that no page works for somebody who does not look at it.
    virtual void projectChanged() { }
    /// The open project has grown (or the page comes into view after it did). Must be quick.
    virtual void refresh() { }
    /// Another page asks to look at this run here.
    virtual void showRun(std::int64_t run);
    /// What Ctrl+Z undoes here; null: nothing.
    virtual QUndoStack* undoStack() { return nullptr; }
    /// The help page of what has the focus, where it has one of its own; empty: the page's.
    virtual QString helpName() const { return {}; }
    /// Esc: closes what is open on the page; false where there is nothing to close.
    virtual bool goBack() { return false; }
    /// True once no job of the page is under way and no answer is waited for.
    virtual bool isSettled() const;
    InlineMessage& message() { return *m_message; }

protected:
    Session& session() const { return m_session; }
    /// At the right of the head; the primary button last.
    void addAction(QWidget* action);
    /// Beside the title instead of the question (two choosers, say).
    void setHeadWidget(QWidget* widget);
    void setQuestion(const QString& question);
    /// Once, from the constructor. Margins of 24 at the sides are the page's.
    void setContent(QWidget* content);
    void setEmptyState(EmptyState* state);
    void showEmptyState(bool isEmpty);
    QWidget* content() const { return m_content; }

private:
    Session& m_session;
    TextLabel* m_title = nullptr;
    TextLabel* m_question = nullptr;
    QHBoxLayout* m_head = nullptr;
    QHBoxLayout* m_actions = nullptr;
    InlineMessage* m_message = nullptr;
    QStackedLayout* m_stack = nullptr;
    QWidget* m_content = nullptr;
    QWidget* m_empty = nullptr;
};

} // namespace tw
