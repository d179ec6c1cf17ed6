// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include <array>
#include <utility>
#include <vector>

namespace tw {

/// All colours of the window, light or dark. Nothing else in widgets/ or app/ knows a colour.
/// Widgets ask Theme::current() while they paint, so that a change of the look needs no
/// bookkeeping.
struct Theme
{
    bool isDark = false;

    QColor canvas; ///< behind panels
    QColor panel; ///< cards, tables, plots, top bar
    QColor raised; ///< table heads, footers, disabled fields
    QColor rail;
    QColor hover;
    QColor quiet; ///< chips, the empty part of a meter
    QColor line; ///< borders of panels, dividers
    QColor grid; ///< plot grid, row lines
    QColor edge; ///< secondary buttons, method cards, read-only tokens
    QColor field; ///< border of whatever takes input
    QColor ink;
    QColor ink2; ///< labels, second lines, icons at rest
    QColor ink3; ///< captions, axis numbers, units, placeholders
    QColor accent;
    QColor accentHover;
    QColor accentPressed;
    QColor onAccent;
    QColor soft; ///< selected rows, trained tokens
    QColor warn;
    QColor warnSoft;
    QColor warnLine;
    QColor error;
    QColor errorSoft;
    QColor errorLine;

    std::array<QColor, 7> magnitudeStops; ///< 0 ... 1
    std::array<QColor, 7> changeStops; ///< -1 ... +1
    std::array<QColor, 6> lines; ///< lines 1 to 6; see series()

    /// Colour of a share of the maximum, 0 to 1; linear between the stops.
    QColor magnitude(double share) const;
    /// Colour of a change, -1 to +1; 0 is the panel.
    QColor change(double share) const;
    /// Line 1 to 6 (5 is always the base); higher numbers start again at 1.
    QColor series(int number) const;

    /// Pure black or pure white, whichever contrasts more with a data colour.
    static QColor textOn(const QColor& background);
    /// Contrast ratio of two opaque colours (WCAG 2.1, 1.4.3): 1 to 21.
    static double contrast(const QColor& a, const QColor& b);

    /// Every single colour by its name in style sheets ("ink2").
    std::vector<std::pair<QString, QColor>> tokens() const;

    static const Theme& light();
    static const Theme& dark();
    /// The one that the application's palette shows now.
    static const Theme& current();
};

} // namespace tw
