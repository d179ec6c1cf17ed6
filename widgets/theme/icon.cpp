// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/icon.h"

#include "widgets/theme/theme.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace tw {
namespace {

constexpr double kUnits = 24.0; // the side of every drawing
constexpr double kStroke = 1.4; // pixels on screen, at every size

QByteArray drawing(const QString& name)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return file.readAll();
}

/// Draws the icon into rect (device-independent pixels).
void drawIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color)
{
    QByteArray svg = drawing(name);
    svg.replace("currentColor", color.name().toLatin1());
    svg.replace("STROKE", QByteArray::number(kStroke * kUnits / rect.width(), 'f', 3));
    QSvgRenderer renderer(svg);
    renderer.render(&painter, rect);
}

QColor colorOf(IconTone tone, QIcon::Mode mode, QIcon::State state)
{
    const Theme& theme = Theme::current();
    if (mode == QIcon::Disabled)
        return theme.ink3;
    switch (tone) {
    case IconTone::Rest:
        return state == QIcon::On ? theme.accent : theme.ink2;
    case IconTone::Ink:
        return theme.ink;
    case IconTone::Quiet:
        return theme.ink3;
    case IconTone::Accent:
        return theme.accent;
    case IconTone::OnAccent:
        return theme.onAccent;
    case IconTone::Warn:
        return theme.warn;
    case IconTone::Error:
        return theme.error;
    }
    return theme.ink2;
}

class LineIconEngine final : public QIconEngine
{
public:
    LineIconEngine(QString name, IconTone tone)
        : m_name(std::move(name))
        , m_tone(tone)
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const QColor color = colorOf(m_tone, mode, state);
        const int side = qMin(rect.width(), rect.height());
        const qreal ratio = painter->device()->devicePixelRatio();
        QRect square(0, 0, side, side);
        square.moveCenter(rect.center());
        painter->drawPixmap(square, linePixmap(m_name, side, color, ratio));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        return linePixmap(m_name, qMin(size.width(), size.height()), colorOf(m_tone, mode, state),
                          1.0);
    }
    QPixmap
    scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal scale) override
    {
        const int side = qRound(qMin(size.width(), size.height()) / scale);
        return linePixmap(m_name, side, colorOf(m_tone, mode, state), scale);
    }
    QIconEngine* clone() const override { return new LineIconEngine(m_name, m_tone); }

private:
    QString m_name;
    IconTone m_tone;
};

} // namespace

QIcon lineIcon(const QString& name, IconTone tone)
{
    return QIcon(new LineIconEngine(name, tone));
}

QPixmap linePixmap(const QString& name, int pixels, const QColor& color, qreal ratio)
{
    const QString key =
        QStringLiteral("tw/%1/%2/%3/%4").arg(name).arg(pixels).arg(color.rgba()).arg(ratio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(QSize(pixels, pixels) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    drawIcon(painter, name, QRectF(0, 0, pixels, pixels), color);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

} // namespace tw
