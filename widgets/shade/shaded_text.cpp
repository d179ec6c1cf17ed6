// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shade/shaded_text.h"

#include "widgets/theme/type.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace tw {
namespace {

constexpr double kPad = 1.5; // px around a word, so that fills of neighbours do not touch
constexpr int kLine = 24; // px at 100 %
constexpr int kBox = 18;

bool startsWord(const QString& text)
{
    return !text.isEmpty() && text.front().isSpace();
}

/// Width of the word that begins at token `first`: up to the next token that starts with a space.
double
wordWidth(const std::vector<ShadedToken>& tokens, std::size_t first, const QFontMetricsF& metrics)
{
    double width = metrics.horizontalAdvance(tokens[first].text.trimmed()) + 2 * kPad;
    for (std::size_t i = first + 1; i < tokens.size() && !startsWord(tokens[i].text); ++i)
        width += metrics.horizontalAdvance(tokens[i].text) + 2 * kPad;
    return width;
}

} // namespace

ShadedLayout layOutShaded(const std::vector<ShadedToken>& tokens, double width, const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double line = px(kLine);
    const double space = metrics.horizontalAdvance(QLatin1Char(' '));
    ShadedLayout layout;
    double x = 0.0;
    double y = 0.0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const QString& text = tokens[i].text;
        const QString shown = text.trimmed();
        const bool isNewLine = text.contains(QLatin1Char('\n'));
        if (isNewLine && x > 0.0) {
            x = 0.0;
            y += line;
        } else if (startsWord(text) && x > 0.0) {
            x += space - kPad;
            if (x + wordWidth(tokens, i, metrics) > width) {
                x = 0.0;
                y += line;
            }
        }
        const double advance = metrics.horizontalAdvance(shown) + 2 * kPad;
        if (x > 0.0 && x + advance > width) { // a word longer than the line is broken where it ends
            x = 0.0;
            y += line;
        }
        layout.texts.push_back(shown);
        layout.boxes.push_back(
            shown.isEmpty() ? QRectF() : QRectF(x, y + (line - px(kBox)) / 2, advance, px(kBox)));
        x += shown.isEmpty() ? 0.0 : advance;
    }
    layout.height = tokens.empty() ? 0.0 : y + line;
    return layout;
}

void drawShaded(QPainter& painter,
                const QPointF& origin,
                const std::vector<ShadedToken>& tokens,
                const ShadedLayout& layout,
                const Theme& theme,
                int current)
{
    painter.save();
    painter.translate(origin);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const QRectF& box = layout.boxes[i];
        if (box.isEmpty())
            continue;
        const bool isShaded = std::abs(tokens[i].weight) >= kLeastShade;
        const QColor fill = theme.change(tokens[i].weight / kShadeRange);
        if (isShaded) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(fill);
            painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), 3, 3);
        }
        painter.setPen(isShaded ? Theme::textOn(fill) : theme.ink);
        painter.drawText(box, Qt::AlignCenter | Qt::TextSingleLine | Qt::TextDontClip,
                         layout.texts[i]);
        if (static_cast<int>(i) == current) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(theme.ink, 2));
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 4, 4);
        }
    }
    painter.restore();
}

} // namespace tw
