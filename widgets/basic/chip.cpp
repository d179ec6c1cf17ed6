// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/chip.h"

#include "widgets/theme/icon.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QFontMetrics>
#include <QPainter>

namespace tw {

Chip::Chip(const QString& text, Kind kind, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    set(text, kind);
}

void Chip::set(const QString& text, Kind kind)
{
    m_text = text;
    m_kind = kind;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QSize Chip::sizeHint() const
{
    const QFontMetrics metrics(textFont(TextType::Caption));
    const int icon = hasIcon() ? px(12) + px(5) : 0;
    return {metrics.horizontalAdvance(m_text) + px(12) + icon,
            qMax(px(20), metrics.height() + px(4))};
}

void Chip::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    const QColor fill = m_kind == Kind::Accent ? theme.soft
        : m_kind == Kind::Warn                 ? theme.warnSoft
        : m_kind == Kind::Error                ? theme.errorSoft
                                               : theme.quiet;
    const QColor ink = m_kind == Kind::Accent ? theme.accent
        : m_kind == Kind::Warn                ? theme.warn
        : m_kind == Kind::Error               ? theme.error
                                              : theme.ink2;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect()), px(4), px(4));
    int x = px(6);
    if (hasIcon()) {
        const int side = px(12);
        const QString name =
            m_kind == Kind::Warn ? QStringLiteral("warn") : QStringLiteral("error");
        painter.drawPixmap(x, (height() - side) / 2,
                           linePixmap(name, side, ink, devicePixelRatioF()));
        x += side + px(5);
    }
    painter.setPen(ink);
    painter.setFont(textFont(TextType::Caption));
    painter.drawText(rect().adjusted(x, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_text);
}

} // namespace tw
