// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/basic/meter.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/type.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace tw {

Meter::Meter(int height, QWidget* parent)
    : QWidget(parent)
    , m_height(px(height))
{
    setFixedHeight(m_height);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Meter::setShare(double share)
{
    setParts({{std::clamp(share, 0.0, 1.0), Ink::Accent, {}}}, 1.0);
}

void Meter::setParts(const std::vector<Part>& parts, double total)
{
    if (parts == m_parts && total == m_total)
        return;
    m_parts = parts;
    m_total = total;
    update();
}

QColor Meter::color(Ink ink)
{
    const Theme& theme = Theme::current();
    switch (ink) {
    case Ink::Accent:
        return theme.accent;
    case Ink::Ink2:
        return theme.ink3;
    case Ink::Edge:
        return theme.edge;
    case Ink::Line1:
        return theme.lines[0];
    case Ink::Line2:
        return theme.lines[1];
    case Ink::Line3:
        return theme.lines[2];
    case Ink::Line4:
        return theme.lines[3];
    case Ink::Line5:
        return theme.lines[4];
    case Ink::Line6:
        return theme.lines[5];
    case Ink::Warn:
        return theme.warn;
    case Ink::Error:
        return theme.error;
    }
    return theme.accent;
}

QSize Meter::sizeHint() const
{
    return {px(64), m_height};
}

void Meter::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath round;
    const double radius = std::min(3.0, m_height / 2.0);
    round.addRoundedRect(QRectF(rect()), radius, radius);
    painter.setClipPath(round);
    painter.fillRect(rect(), theme.quiet);
    if (m_total <= 0.0)
        return;
    double x = 0.0;
    for (const Part& part : m_parts) {
        const double width = part.value / m_total * rect().width();
        const bool hasNext = &part != &m_parts.back();
        painter.fillRect(QRectF(x, 0, std::max(0.0, width - (hasNext ? 1.0 : 0.0)), m_height),
                         color(part.ink));
        x += width;
    }
}

Swatch::Swatch(Meter::Ink ink, QWidget* parent)
    : QWidget(parent)
    , m_ink(ink)
{
    setFixedSize(px(8), px(8));
}

void Swatch::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Meter::color(m_ink));
    painter.drawRoundedRect(QRectF(rect()), 2, 2);
}

} // namespace tw
