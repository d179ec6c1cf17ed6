// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>

class QPainter;
class QRectF;
class QString;

namespace tw {

/// The sizes of text in the window. Strong means semibold, never larger.
enum class TextType
{
    Title,
    Figure,
    Section,
    Body,
    BodyStrong,
    Table,
    TableStrong,
    Caption
};

/// The application's font in one of the sizes.
QFont textFont(TextType type);
/// Height of a line of that text with its leading, in pixels: 28, 24, 20, 18, 18, 16, 16, 16 at
/// Inter 13.
int lineHeight(TextType type);

/// A length of the drawings (pixels at 100 % with Inter 13) in pixels here: it follows the height
/// of the system's font, so that larger text gets larger controls.
int px(double atHundredPercent);

/// Draws a number with all digits equally wide, whatever the font does by itself.
void drawTabular(QPainter& painter,
                 const QRectF& rect,
                 Qt::Alignment alignment,
                 const QString& text);
/// Width of the same, in the given font.
double tabularWidth(const QFont& font, const QString& text);

} // namespace tw
