// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/tune/method_card.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>
#include <QTextLayout>

namespace tw {
namespace {

/// Two lines of running text; the second is cut with "…".
void drawTwoLines(QPainter& painter, const QRectF& room, const QString& text)
{
    QTextLayout layout(text, painter.font());
    layout.beginLayout();
    QTextLine first = layout.createLine();
    first.setLineWidth(room.width());
    layout.endLayout();
    const QString head = text.left(first.textLength());
    const QString tail = painter.fontMetrics().elidedText(
        text.mid(first.textLength()), Qt::ElideRight, static_cast<int>(room.width()));
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine, head.trimmed());
    painter.drawText(room.translated(0, lineHeight(TextType::Caption) - px(1)),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine, tail.trimmed());
}

} // namespace

MethodCard::MethodCard(const QString& title,
                       const QString& summary,
                       const QString& trait,
                       QWidget* parent)
    : QAbstractButton(parent)
    , m_summary(summary)
    , m_trait(trait)
{
    setText(title);
    setCheckable(true);
    setToolTip(summary);
    setAccessibleName(title);
    setAccessibleDescription(summary);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

QSize MethodCard::sizeHint() const
{
    return {px(158), px(88)};
}

void MethodCard::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill = isChecked() ? theme.soft : underMouse() ? theme.hover : theme.panel;
    painter.setBrush(fill);
    painter.setPen(QPen(isChecked() ? theme.accent : theme.edge, isChecked() ? 2 : 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), px(6), px(6));
    const QRectF room = QRectF(rect()).adjusted(px(11), px(9), -px(11), -px(8));
    painter.setFont(textFont(TextType::BodyStrong));
    painter.setPen(theme.ink);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine, text());
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(theme.ink2);
    drawTwoLines(painter, room.adjusted(0, lineHeight(TextType::BodyStrong), 0, 0), m_summary);
    painter.setPen(theme.accent);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignBottom | Qt::TextSingleLine, m_trait);
}

} // namespace tw
