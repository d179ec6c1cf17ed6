// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/theme.h"

#include <QFont>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <vector>

class QPainter;

namespace tw {

constexpr double kShadeRange = 3.0; ///< nats at which the change palette ends
constexpr double kLeastShade = 0.35; ///< nats below which a token has no fill

/// One token of a shaded text.
struct ShadedToken
{
    QString text; ///< with its leading space
    double weight = 0.0; ///< nats; > 0: the tuned model wants it more
    QString note; ///< for the tooltip

    bool operator==(const ShadedToken&) const = default;
};

/// Where each token stands: boxes without the spaces between words.
struct ShadedLayout
{
    std::vector<QRectF> boxes; ///< one a token; empty for those that are only white space
    std::vector<QString> texts;
    double height = 0.0;
};

/// Flows tokens into lines of `width`; breaks only before a token that starts with a space.
ShadedLayout layOutShaded(const std::vector<ShadedToken>& tokens, double width, const QFont& font);
/// Draws a layout at origin; `current` is framed in ink (-1: none).
void drawShaded(QPainter& painter,
                const QPointF& origin,
                const std::vector<ShadedToken>& tokens,
                const ShadedLayout& layout,
                const Theme& theme,
                int current = -1);

} // namespace tw
