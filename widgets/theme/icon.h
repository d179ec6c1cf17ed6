// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QString>

namespace tw {

/// In which ink a line drawing is shown. Rest becomes the accent while its button is checked.
enum class IconTone
{
    Rest,
    Ink,
    Quiet,
    Accent,
    OnAccent,
    Warn,
    Error
};

/// A line drawing of resources/icons ("play"); follows light and dark by itself.
QIcon lineIcon(const QString& name, IconTone tone = IconTone::Rest);

/// The same as a pixmap with a side of `pixels` device-independent pixels, for painting.
QPixmap linePixmap(const QString& name, int pixels, const QColor& color, qreal ratio);

} // namespace tw
