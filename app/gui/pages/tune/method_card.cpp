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

MethodCard::MethodCard(const MethodFacts& facts, QWidget* parent)
    : QAbstractButton(parent)
    , m_facts(facts)
{
    setText(facts.title);
    setCheckable(true);
    setToolTip(facts.summary);
    setAccessibleName(facts.title);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    describe();
}

void MethodCard::setTrained(const QString& trained)
{
    m_trained = trained;
    describe();
    update();
}

void MethodCard::setUse(const QString& letters, int line)
{
    m_use = letters;
    m_line = line;
    describe();
    update();
}

void MethodCard::describe()
{
    QStringList words {m_facts.summary};
    if (!m_facts.traits.isEmpty())
        words << m_facts.traits.join(QStringLiteral(", "));
    if (!m_trained.isEmpty())
        words << tr("Trains %1 on its usual sites.").arg(m_trained);
    if (!m_use.isEmpty())
        words << tr("In use: %1").arg(m_use);
    setAccessibleDescription(words.join(QLatin1Char(' ')));
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
    paintHead(painter, room);
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(theme.ink2);
    drawTwoLines(painter, room.adjusted(0, lineHeight(TextType::BodyStrong), 0, 0),
                 m_facts.summary);
    paintFoot(painter, room);
}

/// The name, and at the right the letters under which the experiment has it.
void MethodCard::paintHead(QPainter& painter, const QRectF& room) const
{
    const Theme& theme = Theme::current();
    double right = room.right();
    if (!m_use.isEmpty()) {
        painter.setFont(textFont(TextType::Caption));
        const double width = painter.fontMetrics().horizontalAdvance(m_use) + px(8);
        const QRectF mark(right - width, room.top() + px(1), width, px(16));
        const QColor color = theme.series(m_line);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(mark, px(3), px(3));
        painter.setPen(Theme::textOn(color));
        painter.drawText(mark, Qt::AlignCenter, m_use);
        right = mark.left() - px(4);
    }
    painter.setFont(textFont(TextType::BodyStrong));
    painter.setPen(theme.ink);
    const QRectF place(room.left(), room.top(), right - room.left(), room.height());
    painter.drawText(
        place, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
        painter.fontMetrics().elidedText(text(), Qt::ElideRight, static_cast<int>(place.width())));
}

void MethodCard::paintFoot(QPainter& painter, const QRectF& room) const
{
    const Theme& theme = Theme::current();
    const double height = lineHeight(TextType::Caption);
    const QRectF line(room.left(), room.bottom() - height, room.width(), height);
    const double trained = tabularWidth(painter.font(), m_trained);
    painter.setPen(theme.ink2);
    drawTabular(painter, line, Qt::AlignRight | Qt::AlignVCenter, m_trained);
    painter.setPen(theme.accent);
    painter.drawText(
        line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        painter.fontMetrics().elidedText(m_facts.traits.join(QStringLiteral(", ")), Qt::ElideRight,
                                         static_cast<int>(line.width() - trained) - px(6)));
}

} // namespace tw
