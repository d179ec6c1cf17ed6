// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"

#include "app/gui/job_watcher.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/text_label.h"

#include <QHBoxLayout>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace tw {

Page::Page(Session& session, const QString& title, const QString& question, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_title(new TextLabel(title, TextType::Title))
    , m_question(new TextLabel(question, TextType::Body, TextInk::Ink2))
    , m_head(new QHBoxLayout)
    , m_actions(new QHBoxLayout)
    , m_message(new InlineMessage(this))
    , m_stack(new QStackedLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(24), 0, px(24), px(24));
    column->setSpacing(0);
    auto* head = new QWidget(this);
    head->setFixedHeight(px(60));
    head->setLayout(m_head);
    m_head->setContentsMargins(0, 0, 0, 0);
    m_head->setSpacing(px(12));
    m_head->addWidget(m_title);
    m_head->addWidget(m_question);
    m_head->addStretch(1);
    m_actions->setSpacing(px(8));
    m_head->addLayout(m_actions);
    column->addWidget(head);
    column->addWidget(m_message);
    column->addLayout(m_stack, 1);
    setAccessibleName(title);
    setAccessibleDescription(question);
}

void Page::showRun(std::int64_t)
{
    // Pages that show no runs have nothing to select.
}

bool Page::isSettled() const
{
    if (!findChildren<JobWatcher*>().isEmpty())
        return false;
    const QList<QTimer*> timers = findChildren<QTimer*>();
    return std::none_of(timers.begin(), timers.end(), [](const QTimer* timer) {
        return timer->isSingleShot() && timer->isActive();
    });
}

void Page::addAction(QWidget* action)
{
    m_actions->addWidget(action);
}

void Page::setHeadWidget(QWidget* widget)
{
    m_question->hide();
    m_head->insertWidget(1, widget);
}

void Page::setQuestion(const QString& question)
{
    m_question->setText(question);
}

void Page::setContent(QWidget* content)
{
    m_content = content;
    m_stack->addWidget(content);
}

void Page::setEmptyState(EmptyState* state)
{
    m_empty = state;
    m_stack->addWidget(state);
}

void Page::showEmptyState(bool isEmpty)
{
    if (QWidget* wanted = isEmpty ? m_empty : m_content)
        m_stack->setCurrentWidget(wanted);
}

} // namespace tw
