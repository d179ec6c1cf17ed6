// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/type.h"

#include <QFontInfo>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

// Height of Inter at 13 px, in which the drawings are made: (2728 + 680) / 2816 * 13.
constexpr double kDrawnHeight = 15.73;
constexpr double kDrawnSize = 13.0;

struct Size
{
    double pixels;
    double line;
    bool isStrong;
};

Size sizeOf(TextType type)
{
    switch (type) {
    case TextType::Title:
        return {20, 28, true};
    case TextType::Figure:
        return {18, 24, true};
    case TextType::Section:
        return {15, 20, true};
    case TextType::Body:
        return {13, 18, false};
    case TextType::BodyStrong:
        return {13, 18, true};
    case TextType::Table:
        return {12, 16, false};
    case TextType::TableStrong:
        return {12, 16, true};
    case TextType::Caption:
        return {11, 16, false};
    }
    return {13, 18, false};
}

double widestDigit(const QFontMetricsF& metrics)
{
    double widest = 0.0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit)
        widest = std::max(widest, metrics.horizontalAdvance(QChar(digit)));
    return widest;
}

} // namespace

QFont textFont(TextType type)
{
    const Size size = sizeOf(type);
    QFont font = QGuiApplication::font();
    const double base = QFontInfo(font).pixelSize();
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(size.pixels * base / kDrawnSize))));
    font.setWeight(size.isStrong ? QFont::DemiBold : QFont::Normal);
    return font;
}

int lineHeight(TextType type)
{
    const int wanted = px(sizeOf(type).line);
    return std::max(wanted, static_cast<int>(std::ceil(QFontMetricsF(textFont(type)).height())));
}

int px(double atHundredPercent)
{
    // Not below 1: small fonts with wide letters (DejaVu Sans 12) need the room sideways.
    const double scale =
        std::max(1.0, QFontMetricsF(QGuiApplication::font()).height() / kDrawnHeight);
    return static_cast<int>(std::lround(atHundredPercent * scale));
}

double tabularWidth(const QFont& font, const QString& text)
{
    const QFontMetricsF metrics(font);
    const double digit = widestDigit(metrics);
    double width = 0.0;
    for (const QChar c : text)
        width += c.isDigit() ? digit : metrics.horizontalAdvance(c);
    return width;
}

void drawTabular(QPainter& painter,
                 const QRectF& rect,
                 Qt::Alignment alignment,
                 const QString& text)
{
    const QFontMetricsF metrics(painter.font());
    const double digit = widestDigit(metrics);
    const double width = tabularWidth(painter.font(), text);
    double x = rect.left();
    if (alignment & Qt::AlignRight)
        x = rect.right() - width;
    else if (alignment & Qt::AlignHCenter)
        x = rect.center().x() - width / 2;
    const double y = rect.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    for (const QChar c : text) {
        const double own = metrics.horizontalAdvance(c);
        const double advance = c.isDigit() ? digit : own;
        painter.drawText(QPointF(x + (advance - own) / 2, y), QString(c));
        x += advance;
    }
}

} // namespace tw
