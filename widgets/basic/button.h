// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPushButton>

namespace tw {

/// Primary: filled, one a page. Secondary: outlined. Small: 24 high. Flat: a link. Chip: a
/// checkable preset.
enum class ButtonKind
{
    Primary,
    Secondary,
    Small,
    Flat,
    Chip
};

/// A push button in one of the window's kinds; iconName of resources/icons or empty.
QPushButton* makeButton(const QString& text,
                        ButtonKind kind,
                        const QString& iconName = {},
                        QWidget* parent = nullptr);

/// A button that shows only its icon: `what` is its tooltip and accessible name.
QPushButton*
makeIconButton(const QString& iconName, const QString& what, QWidget* parent = nullptr);

} // namespace tw
