// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/inline_message.h"

#include "widgets/basic/button.h"
#include "widgets/basic/text_label.h"
#include "widgets/theme/icon.h"

#include <QHBoxLayout>
#include <QStyle>
#include <QVBoxLayout>

namespace tw {

InlineMessage::InlineMessage(QWidget* parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_sentence((new TextLabel(TextType::BodyStrong))->wrapped())
    , m_reason((new TextLabel(TextType::Body))->wrapped())
    , m_buttons(new QHBoxLayout)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(px(16), px(12), px(16), px(12));
    row->setSpacing(px(12));
    row->addWidget(m_icon, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout;
    column->setSpacing(px(4));
    column->addWidget(m_sentence);
    column->addWidget(m_reason);
    m_buttons->setSpacing(px(8));
    m_buttons->addStretch(1);
    column->addLayout(m_buttons);
    row->addLayout(column, 1);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse);
    hide();
}

void InlineMessage::show(Kind kind, const QString& sentence, const QString& reason)
{
    const bool isError = kind == Kind::Error;
    const bool isWarning = kind == Kind::Warning;
    setProperty("surface",
                isError         ? QStringLiteral("message-error")
                    : isWarning ? QStringLiteral("message-warn")
                                : QStringLiteral("message-note"));
    style()->unpolish(this);
    style()->polish(this);
    const QString icon = isError ? QStringLiteral("error")
        : isWarning              ? QStringLiteral("warn")
                                 : QStringLiteral("info");
    const IconTone tone = isError ? IconTone::Error : isWarning ? IconTone::Warn : IconTone::Rest;
    m_icon->setPixmap(lineIcon(icon, tone).pixmap(px(18), px(18)));
    m_sentence->setText(sentence);
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
    while (m_buttons->count() > 1) {
        QLayoutItem* item = m_buttons->takeAt(0);
        item->widget()->deleteLater();
        item->widget()->hide();
        delete item;
    }
    setAccessibleName(sentence + QStringLiteral(" ") + reason);
    QFrame::show();
}

QPushButton* InlineMessage::addButton(const QString& text, bool isRemedy)
{
    QPushButton* button =
        makeButton(text, isRemedy ? ButtonKind::Primary : ButtonKind::Secondary, {}, this);
    m_buttons->insertWidget(m_buttons->count() - 1, button);
    return button;
}

QString InlineMessage::sentence() const
{
    return m_sentence->text();
}

} // namespace tw
