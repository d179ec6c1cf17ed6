// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/focus_ring.h"

#include <QAbstractButton>
#include <QFocusEvent>
#include <QFocusFrame>

namespace tw {

FocusRing::FocusRing(QObject* parent)
    : QObject(parent)
{
}

bool FocusRing::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::FocusIn && event->type() != QEvent::FocusOut)
        return false;
    auto* button = qobject_cast<QAbstractButton*>(watched);
    if (event->type() == QEvent::FocusOut || button == nullptr) {
        if (m_frame && event->type() == QEvent::FocusOut && m_frame->widget() == watched)
            m_frame->setWidget(nullptr);
        return false;
    }
    const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
    if (reason != Qt::TabFocusReason && reason != Qt::BacktabFocusReason
        && reason != Qt::ShortcutFocusReason)
        return false;
    if (!m_frame)
        m_frame = new QFocusFrame(button->window());
    m_frame->setWidget(button);
    return false;
}

} // namespace tw
