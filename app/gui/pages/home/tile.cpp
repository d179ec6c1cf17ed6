// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/home/tile.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>

namespace tw {

Tile::Tile(const QString& icon, const QString& title, const QString& words, QWidget* parent)
    : QAbstractButton(parent)
    , m_icon(icon)
    , m_words(words)
{
    setText(title);
    setAccessibleName(title);
    setAccessibleDescription(words);
    setAttribute(Qt::WA_Hover);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Tile::setFact(const QString& fact)
{
    m_fact = fact;
    update();
}

QSize Tile::sizeHint() const
{
    return {px(280), px(160)};
}

void Tile::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.line, 1));
    painter.setBrush(isDown() ? theme.quiet : underMouse() ? theme.hover : theme.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8));
    const int box = px(36);
    const int side = px(18);
    const QRect spot(px(17), px(17), box, box);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.soft);
    painter.drawRoundedRect(spot, px(6), px(6));
    painter.drawPixmap(spot.center().x() - side / 2, spot.center().y() - side / 2,
                       linePixmap(m_icon, side, theme.accent, devicePixelRatioF()));
    const QRect room = rect().adjusted(px(17), px(62), -px(17), -px(12));
    painter.setFont(textFont(TextType::Section));
    painter.setPen(theme.ink);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine, text());
    painter.setFont(textFont(TextType::Body));
    painter.setPen(theme.ink2);
    painter.drawText(room.adjusted(0, px(22), 0, 0),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_words);
    painter.setFont(textFont(TextType::Caption));
    painter.setPen(theme.ink3);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignBottom | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(m_fact, Qt::ElideRight, room.width()));
}

} // namespace tw
